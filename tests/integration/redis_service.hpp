// The service on a Redis, as several tests begin.
#pragma once

#include "support/eventually.hpp"
#include "support/server_process.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::integration {

inline std::string url_of(std::uint16_t port) {
  return "redis://127.0.0.1:" + std::to_string(port);
}

/// Two workers. Ends without a pause.
inline support::server_process serve(const std::string& url, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"--backend", "redis", "--redis-url",   url,
                                     "--workers", "2",     "--drain-delay", "0ms"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return support::server_process{std::move(arguments)};
}

/// On a primary that sentinels know and that has no replica, or is left without one: nobody has to
/// acknowledge what is handed out.
inline support::server_process serve_alone(const std::string& url,
                                           std::vector<std::string> more = {}) {
  more.insert(more.end(), {"--redis-acknowledging-replicas", "0"});
  return serve(url, std::move(more));
}

inline bool becomes_ready(const support::server_process& server,
                          std::chrono::milliseconds patience = std::chrono::seconds{10}) {
  return support::eventually([&] { return server.get("/turno/probe").status == 200; }, patience);
}

/// Whether an answer comes to hold a text.
inline bool comes_to_say(const support::server_process& server, const char* path,
                         const std::string& text) {
  return support::eventually(
      [&] { return server.operations(path).body.find(text) != std::string::npos; });
}

}  // namespace turnomatic::integration
