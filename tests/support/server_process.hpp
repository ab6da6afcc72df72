// The real server on ports of its own.
#pragma once

#include "support/child_process.hpp"
#include "support/http_answer.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace turnomatic::support {

/// The path of the program under test.
[[nodiscard]] std::string server_path();

/// Starts the server on free ports and waits until it listens. Throws std::runtime_error
/// with what it said if it does not.
class server_process {
 public:
  explicit server_process(std::vector<std::string> arguments = {},
                          child_process::options with = {});

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::uint16_t operations_port() const noexcept { return operations_port_; }
  [[nodiscard]] child_process& process() noexcept { return process_; }

  http_answer get(const std::string& path) const;         ///< as a caller
  http_answer operations(const std::string& path) const;  ///< as an operator
  /// One sample of /metrics by its full name with labels; 0 if it is not there.
  [[nodiscard]] double metric(const std::string& series) const;
  /// Waits until the metric has that value; false if it never does.
  [[nodiscard]] bool metric_becomes(const std::string& series, double value) const;

 private:
  child_process process_;
  std::uint16_t port_{0};
  std::uint16_t operations_port_{0};
};

}  // namespace turnomatic::support
