#include "support/scripted_server.hpp"

#include "support/loopback.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

std::string http(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string turn_answer(const std::string& id, std::uint64_t turn) {
  return http("200 OK", R"({"id":")" + id + R"(","turno":)" + std::to_string(turn) + "}");
}

// The value of a header line, empty if there is none.
std::string field(const std::string& head, const std::string& name) {
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos)
    return {};
  const std::size_t begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string path_of(const std::string& head) {
  const std::size_t begin = head.find(' ') + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

}  // namespace

struct scripted_server::client {
  int fd;
  std::string input;
  bool silent{false};  // stalled: read from, never answered again
  bool deaf{false};    // nor read from
};

scripted_server::scripted_server(script faults)
    : faults_{std::move(faults)}, stop_{::eventfd(0, EFD_CLOEXEC)} {
  const loopback_listener listening = listen_on_loopback();
  listener_ = listening.fd;
  port_ = listening.port;
  thread_ = std::thread{[this] { run(); }};
}

scripted_server::~scripted_server() {
  ::eventfd_write(stop_, 1);
  thread_.join();
  for (const client& each : clients_)
    ::close(each.fd);
  ::close(listener_);
  ::close(stop_);
}

std::string scripted_server::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

void scripted_server::run() {
  for (;;) {
    std::vector<pollfd> watched{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const client& each : clients_)
      watched.push_back({each.deaf ? -1 : each.fd, POLLIN, 0});
    if (::poll(watched.data(), watched.size(), -1) < 0)
      continue;
    if (watched[0].revents != 0)
      return;
    const std::size_t known = clients_.size();
    for (std::size_t i = known; i-- > 0;) {
      if (watched[i + 2].revents != 0 && !serve(clients_[i])) {
        ::close(clients_[i].fd);
        clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    if (watched[1].revents != 0)
      accept_client();
  }
}

void scripted_server::accept_client() {
  const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0)
    return;
  ++accepted_;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  clients_.push_back({fd, {}});
}

bool scripted_server::serve(client& from) {
  std::array<char, 4096> buffer;
  const ssize_t size = ::recv(from.fd, buffer.data(), buffer.size(), 0);
  if (size <= 0)
    return false;
  from.input.append(buffer.data(), static_cast<std::size_t>(size));
  for (;;) {
    const std::size_t end = from.input.find("\r\n\r\n");
    if (end == std::string::npos || from.silent)
      return true;
    const std::string head = from.input.substr(0, end + 2);
    from.input.erase(0, end + 4);
    if (!answer_request(from, head))
      return false;
  }
}

std::uint64_t scripted_server::take_turn(const std::string& id, fault what) {
  std::uint64_t& last = turns_[id];
  if (what == fault::duplicate)
    return last;
  if (what == fault::skip || what == fault::burn)
    ++last;
  burned_ += what == fault::burn ? 1U : 0U;
  if (what == fault::swap) {
    swapped_ = ++last;
    return ++last;
  }
  return swapped_ != 0 ? std::exchange(swapped_, 0) : ++last;
}

bool scripted_server::answer_request(client& from, const std::string& head) {
  const auto send = [&](const std::string& text) {
    return ::send(from.fd, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  };
  const std::string path = path_of(head);
  if (path == "/metrics" && account_lost_)
    return send(http("500 Internal Server Error", ""));
  if (path == "/metrics")
    return send(http("200 OK", "turnomatic_turns_burned_total{reason=\"script\"} " +
                                   std::to_string(burned_) + "\n"));
  const std::string id = path.substr(path.rfind('/') + 1);
  const fault what = faults_(++requests_);
  account_lost_ |= what == fault::lose_account;
  if (what == fault::cut_before)
    return false;
  if (what == fault::refuse)
    return send(http("503 Service Unavailable", R"({"applied":"no"})"));

  if (what == fault::forget_keys)
    keys_.clear();
  const std::string key = field(head, "Idempotency-Key");
  const auto known = keys_.find(key);
  const std::uint64_t turn = known != keys_.end() ? known->second : take_turn(id, what);
  if (!key.empty())
    keys_[key] = turn;
  const std::string right = turn_answer(id, turn);
  switch (what) {
    case fault::cut_after:
      return false;
    case fault::cut_within:
      (void)send(right.substr(0, right.size() / 2));
      return false;
    case fault::stop_reading:
      from.deaf = true;
      [[fallthrough]];
    case fault::stall:
      from.silent = true;
      return true;
    case fault::pause:
      std::this_thread::sleep_for(300ms);
      return send(right);
    case fault::say_close: {
      from.silent = true;
      const std::size_t line = right.find("\r\n");
      return send(right.substr(0, line) + "\r\nConnection: close" + right.substr(line));
    }
    case fault::refuse_dark:
      return send(http("502 Bad Gateway", "<html>"));
    case fault::wrong_id:
      return send(turn_answer(id + "x", turn));
    case fault::malformed:
      return send(http("200 OK", R"({"turno":"?"})"));
    case fault::not_http:
      return send("220 mail.example.org ESMTP\r\n\r\n");
    default:
      return send(right);
  }
}

}  // namespace turnomatic::support
