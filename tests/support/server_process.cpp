#include "support/server_process.hpp"

#include "support/tcp_client.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <thread>
#include <utility>

namespace turnomatic::support {
namespace {

child_process::options completed(std::vector<std::string> arguments, child_process::options with) {
  std::vector<std::string> all{server_path(), "--listen",     "127.0.0.1:0", "--ops-listen",
                               "127.0.0.1:0", "--log-format", "json"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  with.arguments = std::move(all);
  return with;
}

std::uint16_t port_of(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
}

}  // namespace

std::string server_path() {
  return TURNOMATIC_SERVER_PATH;
}

server_process::server_process(std::vector<std::string> arguments, child_process::options with)
    : process_{completed(std::move(arguments), std::move(with))} {
  std::string said;
  while (const auto line = process_.read_line(std::chrono::seconds{30})) {
    said += *line + '\n';
    const auto entry = nlohmann::json::parse(*line, nullptr, false);
    if (!entry.is_object() || entry.value("message", "") != "listening")
      continue;
    port_ = port_of(entry["address"]);
    operations_port_ = port_of(entry["operations"]);
    return;
  }
  throw std::runtime_error{"the server does not listen; it said:\n" + said};
}

http_answer server_process::get(const std::string& path) const {
  return fetch(port_, path);
}

http_answer server_process::operations(const std::string& path) const {
  return fetch(operations_port_, path);
}

double server_process::metric(const std::string& series) const {
  const std::string page = '\n' + operations("/metrics").body;
  const std::size_t at = page.find('\n' + series + ' ');
  return at == std::string::npos ? 0 : std::stod(page.substr(at + series.size() + 2));
}

bool server_process::metric_becomes(const std::string& series, double value) const {
  for (int i = 0; i < 500; ++i) {
    if (metric(series) == value)
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return false;
}

}  // namespace turnomatic::support
