// A client that sends what it is told, byte for byte.
#pragma once

#include "support/http_answer.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace turnomatic::support {

/// A blocking TCP connection to the loopback. Every wait is bounded.
class tcp_client {
 public:
  static constexpr std::chrono::milliseconds patience{10'000};

  /// Throws std::system_error if the connection is refused.
  explicit tcp_client(std::uint16_t port, const std::string& from = {});
  ~tcp_client();
  tcp_client(tcp_client&& other) noexcept;
  tcp_client& operator=(tcp_client&&) = delete;

  /// False if the connection broke.
  bool send(std::string_view bytes);
  /// Ends our half.
  void shutdown_send();
  /// Closes so that the peer gets a reset.
  void reset();

  enum class end { none, closed, reset, timed_out };
  /// Reads until `count` whole answers have arrived or the connection ends.
  [[nodiscard]] parsed_answers read_answers(std::size_t count, bool head_only = false);
  /// Reads on to the end of the connection.
  end read_to_end(std::chrono::milliseconds at_most = patience);
  /// How the connection ended, as far as was read.
  [[nodiscard]] end ended() const noexcept { return ended_; }
  /// Everything received so far.
  [[nodiscard]] const std::string& received() const noexcept { return received_; }
  void forget_received() noexcept { received_.clear(); }
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  bool receive_more(std::chrono::steady_clock::time_point until);

  int fd_{-1};
  std::string received_;
  end ended_{end::none};
};

/// One request and its answer on a connection of its own.
http_answer fetch(std::uint16_t port, const std::string& path, const std::string& method = "GET");

}  // namespace turnomatic::support
