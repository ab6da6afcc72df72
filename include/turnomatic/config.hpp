// The settings of one instance, complete and valid, whatever source they came from.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace turnomatic {

/// An address to listen on. `host` is a numeric IPv4 or IPv6 address (without brackets);
/// port 0 lets the kernel choose.
struct endpoint {
  std::string host;
  std::uint16_t port{0};

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

enum class backend_kind { memory };
enum class log_level { trace, debug, info, warn, error, off };
enum class log_format { automatic, text, json };  ///< automatic: text on a terminal, else JSON

/// Plain data; defaults as documented in config/turnomatic.toml. The members marked (live)
/// follow a SIGHUP, the others need a restart.
struct configuration {
  using milliseconds = std::chrono::milliseconds;

  std::vector<endpoint> listen{{"127.0.0.1", 7017}};
  endpoint ops_listen{"127.0.0.1", 7018};
  std::uint32_t workers{0};  ///< 0: one per core that the process may use
  backend_kind backend{backend_kind::memory};
  milliseconds request_deadline{1000};  ///< (live) from a request's arrival to its answer

  struct {
    std::uint32_t backlog{4096};
    std::uint32_t max_connections{10'000};         ///< (live)
    std::uint32_t max_connections_per_address{0};  ///< (live) 0: no limit
    milliseconds header_timeout{5'000};            ///< (live)
    milliseconds idle_timeout{75'000};             ///< (live)
    milliseconds write_timeout{5'000};             ///< (live)
  } http;

  struct {
    milliseconds delay{5'000};     ///< (live) /readyz says 503 this long before listeners close
    milliseconds timeout{30'000};  ///< (live) then connections get this long to finish
  } drain;

  struct {
    std::uint32_t max_ids{1'000'000};
  } memory;

  struct {
    log_level level{log_level::info};  ///< (live)
    log_format format{log_format::automatic};
    std::uint32_t access_sample{0};  ///< (live) log one in this many requests; 0: none
  } log;
};

}  // namespace turnomatic
