// What a session needs of a connection.
#pragma once

#include <turnomatic/turn.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace turnomatic::net {

/// A connected, non-blocking stream of bytes; destroying it closes the connection. Used by
/// one thread. Besides the socket there is an in-memory implementation for the tests; TLS
/// fits the same shape.
class byte_stream {
 public:
  using error_code = boost::system::error_code;

  virtual ~byte_stream() = default;

  /// Bytes read, at least one, or an error: boost::asio::error::would_block when there are
  /// none now, boost::asio::error::eof at the end of the peer's half.
  [[nodiscard]] virtual std::size_t read_some(std::span<char> into, error_code& error) = 0;
  /// Bytes taken, possibly fewer than offered; would_block when none can be taken now.
  [[nodiscard]] virtual std::size_t write_some(std::string_view from, error_code& error) = 0;
  /// Asks for one ready_handler::on_ready when bytes can be written again.
  virtual void notify_writable() = 0;
  /// Sends the end of our half; the peer may go on sending.
  virtual void shutdown_send() = 0;
  /// How long ago the last bytes arrived, read or not; zero if that is not known. A system call.
  [[nodiscard]] virtual duration input_age() const noexcept { return duration::zero(); }
  /// How long ago the peer's side sent anything at all: after the end of its half, the end. Zero if
  /// that is not known. A system call.
  [[nodiscard]] virtual duration silence() const noexcept { return duration::zero(); }
  /// Bytes written that the peer's side has not acknowledged, the end of our half not counted;
  /// zero if that is not known. Still known after a reset. A system call.
  [[nodiscard]] virtual std::size_t unacknowledged() const noexcept { return 0; }
};

/// Whether a stream has merely nothing to read or no room to write for now.
[[nodiscard]] inline bool would_block(const boost::system::error_code& error) noexcept {
  return error == boost::asio::error::would_block;
}

/// What happened to a stream since the last call.
struct readiness_event {
  bool writable{false};
  /// A short read may not be the end of the input (the peer has closed its half, the
  /// connection broke, a byte is urgent): read on until the stream says that there is no more.
  bool read_on{false};
  /// The peer has closed its half. Input may still lie before the end.
  bool peer_ended{false};
  /// Both halves are closed: the connection broke, or each side has closed its own.
  bool hung_up{false};
  /// The connection broke, as a rule by a reset.
  bool broken{false};
};

/// Told when a stream has become readable (always implied) or writable.
class ready_handler {
 public:
  virtual void on_ready(readiness_event event) = 0;

 protected:
  ~ready_handler() = default;
};

}  // namespace turnomatic::net
