#include "support/redis_process.hpp"

#include "support/eventually.hpp"

#include <sys/wait.h>

#include <array>
#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds patience = 30s;

// Whoever maintains a store that speaks the protocol of Redis can have the tests run on it.
std::string program() {
  const char* const named = std::getenv("TURNOMATIC_TEST_STORE");
  return named && *named != '\0' ? named : "/usr/bin/redis-server";
}

// RFC 3986, section 2.3: what else may be written as it is depends on the part of the URL.
std::string percent_encoded(const std::string& text) {
  std::ostringstream out;
  out << std::uppercase << std::hex << std::setfill('0');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string{"-._~"}.find(c) != std::string::npos)
      out << c;
    else
      out << '%' << std::setw(2) << static_cast<unsigned>(byte);
  }
  return out.str();
}

std::string credentials(const redis_options& of) {
  if (of.user)
    return percent_encoded(of.user->name) + ':' + percent_encoded(of.user->password) + '@';
  return of.password.empty() ? "" : ':' + percent_encoded(of.password) + '@';
}

const char* name_of(redis_options::client_certificates ask) {
  static constexpr std::array<const char*, 3> names{"no", "optional", "yes"};
  return names[static_cast<std::size_t>(ask)];
}

void configure_tls(std::ostream& out, const redis_options::tls_settings& tls,
                   const temporary_directory& directory) {
  const identity_files own = write_identity(tls.server, directory, "server");
  out << "tls-cert-file " << std::quoted(own.certificate) << '\n'
      << "tls-key-file " << std::quoted(own.key) << '\n'
      << "tls-auth-clients " << name_of(tls.ask) << '\n';
  if (!tls.authority.empty())
    out << "tls-ca-cert-file " << std::quoted(directory.write("authority.crt", tls.authority))
        << '\n';
}

}  // namespace

redis_process::redis_process(redis_options with) : options_{std::move(with)} {
  write_configuration();
  start();
}

// Once: what Redis itself writes there later, when told to, is still true after a restart.
void redis_process::write_configuration() const {
  std::ostringstream out;
  out << "daemonize no\n"
      << "bind 127.0.0.1\n"
      << "protected-mode no\n"
      << "port " << (options_.tls ? 0 : port()) << '\n'
      << "tls-port " << (options_.tls ? port() : 0) << '\n'
      << "unixsocket " << std::quoted(socket_path()) << '\n'
      << "dir " << std::quoted(directory_.path()) << '\n'
      << "logfile " << std::quoted(directory_.file("log")) << '\n'
      << "save \"\"\n";
  if (options_.kind == redis_options::server_kind::cluster_node)
    out << "cluster-enabled yes\ncluster-port " << cluster_port_.number() << '\n';
  if (options_.append_only)
    out << "appendonly yes\nappendfsync always\n";
  if (!options_.password.empty())
    out << "requirepass " << std::quoted(options_.password) << '\n';
  if (options_.user)
    out << "user " << options_.user->name << " on " << std::quoted('>' + options_.user->password)
        << ' ' << options_.user->rules << '\n';
  if (options_.memory_max_bytes)
    out << "maxmemory " << *options_.memory_max_bytes << "\nmaxmemory-policy noeviction\n";
  if (options_.tls)
    configure_tls(out, *options_.tls, directory_);
  for (const std::string& line : options_.lines)
    out << line << '\n';
  directory_.write("redis.conf", out.str());
}

void redis_process::start() {
  std::vector<std::string> arguments{program(), directory_.file("redis.conf")};
  if (options_.kind == redis_options::server_kind::sentinel)
    arguments.emplace_back("--sentinel");
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  process_.emplace(child_process::options{.arguments = std::move(arguments)});
  bool ended = false;
  const bool started = eventually(
      [&] {
        ended = process_->wait(1ms).has_value();
        return ended || answers();
      },
      patience);
  if (ended || !started)
    throw std::runtime_error{program() + " does not answer; it said:\n" + process_->read_rest(0ms) +
                             log()};
}

// Other than a PONG, while it loads its data, it answers an error.
bool redis_process::answers() {
  try {
    return command({"PING"}) == redis_reply::simple("PONG");
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::uint16_t redis_process::port() const noexcept {
  return options_.tcp ? port_.number() : std::uint16_t{0};
}

std::string redis_process::socket_path() const {
  return directory_.file("socket");
}

std::string redis_process::url() const {
  if (!options_.tcp)
    return "unix://" + credentials(options_) + socket_path();
  return (options_.tls ? "rediss://" : "redis://") + credentials(options_) +
         "127.0.0.1:" + std::to_string(port());
}

void redis_process::kill() {
  process_->signal(SIGKILL);
  if (!process_->wait(patience))
    throw std::runtime_error{"redis-server survives SIGKILL"};
}

void redis_process::stop_answering() {
  process_->signal(SIGSTOP);
  // A signal to another process takes its time to arrive.
  const bool halted = eventually(
      [&] {
        siginfo_t seen{};
        ::waitid(P_PID, static_cast<id_t>(pid()), &seen, WSTOPPED | WNOHANG | WNOWAIT);
        return seen.si_pid == pid();
      },
      patience);
  if (!halted)
    throw std::runtime_error{"redis-server does not halt"};
}

void redis_process::go_on() {
  process_->signal(SIGCONT);
}

void redis_process::restart() {
  if (!process_->wait(1ms)) {
    go_on();
    process_->signal(SIGTERM);
    if (!process_->wait(patience))
      kill();
  }
  start();
}

void redis_process::keep_copy() const {
  namespace fs = std::filesystem;
  const fs::path copy{directory_.file("copy")};
  fs::remove_all(copy);
  fs::create_directory(copy);
  for (const char* const each : {"appendonlydir", "dump.rdb"}) {
    if (const fs::path from{directory_.file(each)}; fs::exists(from))
      fs::copy(from, copy / each, fs::copy_options::recursive);
  }
}

void redis_process::return_to_copy() {
  namespace fs = std::filesystem;
  kill();
  const fs::path copy{directory_.file("copy")};
  for (const char* const each : {"appendonlydir", "dump.rdb"}) {
    fs::remove_all(directory_.file(each));
    if (fs::exists(copy / each))
      fs::copy(copy / each, directory_.file(each), fs::copy_options::recursive);
  }
  start();
}

redis_reply redis_process::command(const std::vector<std::string>& words) {
  return connect().command(words);
}

redis_client redis_process::connect() const {
  redis_client client{socket_path()};
  if (!options_.password.empty())
    client.command({"AUTH", options_.password});
  return client;
}

std::string redis_process::log() const {
  std::ifstream file{directory_.file("log")};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace turnomatic::support
