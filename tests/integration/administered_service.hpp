// The service with its administration switched on.
#pragma once

#include "support/eventually.hpp"
#include "support/redis_process.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"
#include "support/temporary_directory.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::integration {

inline constexpr const char* token = "0123-the-token";

inline std::string request_text(const std::string& line, const std::string& with) {
  return line + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + with + "\r\n\r\n";
}

inline bool has_problem(const support::http_answer& answer, int status, const std::string& slug) {
  return answer.status == status && answer.body.find(slug) != std::string::npos;
}

class service {
 public:
  explicit service(std::vector<std::string> more, const std::string& workers = "2")
      : server{[&] {
          std::vector<std::string> arguments{"--workers",          workers,
                                             "--drain-delay",      "0ms",
                                             "--admin-token-file", directory.write("token", token)};
          arguments.insert(arguments.end(), more.begin(), more.end());
          return arguments;
        }()} {}

  [[nodiscard]] support::http_answer ask(const std::string& line,
                                         const std::string& with = token) const {
    support::tcp_client client{server.operations_port()};
    client.send(request_text(line, with));
    const auto read = client.read_answers(1).answers;
    return read.empty() ? support::http_answer{} : read.front();
  }
  [[nodiscard]] support::http_answer get(const std::string& path) const {
    return ask("GET " + path);
  }
  [[nodiscard]] support::http_answer post(const std::string& path) const {
    return ask("POST " + path);
  }
  [[nodiscard]] std::string take(const std::string& id) const {
    return server.get("/turno/" + id).body;
  }
  [[nodiscard]] bool becomes_ready() const {
    return support::eventually([&] { return server.get("/turno/probe").status == 200; },
                               std::chrono::seconds{10});
  }

  /// Asks for turns until one is refused because the store is not the one that was counted on. What
  /// is under way when that is found out is of unknown outcome.
  [[nodiscard]] bool loses_its_store() const {
    return support::eventually(
        [&] { return has_problem(server.get("/turno/a"), 503, "store-behind"); });
  }

  const support::temporary_directory directory;
  support::server_process server;
};

inline std::vector<std::string> on(const support::redis_process& redis,
                                   std::vector<std::string> more = {}) {
  more.insert(more.end(), {"--backend", "redis", "--redis-url",
                           "redis://127.0.0.1:" + std::to_string(redis.port())});
  return more;
}

}  // namespace turnomatic::integration
