// A client of Redis for tests: blocking, RESP2, and nothing of the code under test in it.
#pragma once

#include "support/redis_reply.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::support {

/// One connection. Every wait is bounded. Throws std::runtime_error when the connection cannot
/// be made, breaks, stays silent for longer than patience or talks something else. A thread at a
/// time may use it.
class redis_client {
 public:
  static constexpr std::chrono::milliseconds patience{10'000};

  /// To a port of 127.0.0.1.
  explicit redis_client(std::uint16_t port);
  /// To a unix socket.
  explicit redis_client(const std::string& socket_path);
  ~redis_client();
  redis_client(redis_client&& other) noexcept;
  redis_client& operator=(redis_client&&) = delete;

  /// Sends a command and waits for its reply. A reply that is an error is a reply.
  redis_reply command(const std::vector<std::string>& words);

  /// For several at once, and for servers that may not answer.
  void send(const std::vector<std::string>& words);
  [[nodiscard]] redis_reply read();
  /// Nothing if no whole reply comes in time; what did come is kept.
  [[nodiscard]] std::optional<redis_reply> read_within(std::chrono::milliseconds time);

 private:
  int fd_;
  std::string received_;
};

}  // namespace turnomatic::support
