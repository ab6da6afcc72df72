// The real server, listening where the test says.
#pragma once

#include "support/child_process.hpp"
#include "support/server_process.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::support {

/// Unlike server_process it adds no address for callers, and knows where it listens as it says it.
class listening_server {
 public:
  /// Throws std::runtime_error with what it said if it does not listen.
  explicit listening_server(std::vector<std::string> arguments, child_process::options with = {})
      : process_{completed(std::move(arguments), std::move(with))} {
    std::string said;
    while (const auto line = process_.read_line(std::chrono::seconds{30})) {
      said += *line + '\n';
      const auto entry = nlohmann::json::parse(*line, nullptr, false);
      if (!entry.is_object() || entry.value("message", "") != "listening")
        continue;
      address_ = entry["address"];
      operations_ = entry["operations"];
      return;
    }
    throw std::runtime_error{"the server does not listen; it said:\n" + said};
  }

  [[nodiscard]] child_process& process() noexcept { return process_; }
  /// All addresses, separated by commas.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  [[nodiscard]] const std::string& operations() const noexcept { return operations_; }
  /// The port of the last address.
  [[nodiscard]] std::uint16_t port() const {
    return static_cast<std::uint16_t>(std::stoul(address_.substr(address_.rfind(':') + 1)));
  }

 private:
  static child_process::options completed(std::vector<std::string> arguments,
                                          child_process::options with) {
    std::vector<std::string> all = std::exchange(with.arguments, {});
    all.insert(all.end(), {server_path(), "--log-format", "json"});
    all.insert(all.end(), arguments.begin(), arguments.end());
    with.arguments = std::move(all);
    return with;
  }

  child_process process_;
  std::string address_;
  std::string operations_;
};

}  // namespace turnomatic::support
