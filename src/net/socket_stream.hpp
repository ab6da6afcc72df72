// A TCP connection as a byte_stream.
#pragma once

#include "net/byte_stream.hpp"
#include "net/poller.hpp"

#include <netinet/tcp.h>

namespace turnomatic::net {

class socket_stream final : public byte_stream {
 public:
  /// Takes over `fd`, a connected non-blocking socket. `p` must outlive the stream.
  socket_stream(int fd, poller& p) noexcept : fd_{fd}, poller_{p} {}
  ~socket_stream() override;
  socket_stream(const socket_stream&) = delete;
  socket_stream& operator=(const socket_stream&) = delete;

  /// Begins to tell `handler` about this stream; once, before anything is read.
  [[nodiscard]] error_code attach(ready_handler& handler);

  [[nodiscard]] std::size_t read_some(std::span<char> into, error_code& error) override;
  [[nodiscard]] std::size_t write_some(std::string_view from, error_code& error) override;
  void notify_writable() override;
  void shutdown_send() override;
  [[nodiscard]] duration input_age() const noexcept override;
  [[nodiscard]] duration silence() const noexcept override;
  [[nodiscard]] std::size_t unacknowledged() const noexcept override;

 private:
  [[nodiscard]] tcp_info info() const noexcept;

  const int fd_;
  poller& poller_;
  ready_handler* handler_{nullptr};
  bool send_is_shut_{false};
};

}  // namespace turnomatic::net
