// A connection to a store, and who is told what becomes of it.
#pragma once

#include "backend/redis/wire/resp_codec.hpp"
#include "backend/redis/wire/server_place.hpp"

#include <turnomatic/turn.hpp>

#include <string>
#include <string_view>

namespace turnomatic::redis {

/// Told what becomes of a connection. None of these is called from within a function of the
/// connection_port: what a handler asks for has consequences only after it has returned. It may
/// call any function of the port.
class connection_handler {
 public:
  /// The connection stands and nothing has been said on it; at most once after each `open`.
  virtual void on_open(time_point now) = 0;
  /// The connection ended, or could not be made. It is closed; once after each `open`, unless
  /// `close` comes first. `why` is a clause for people; it holds no secret.
  virtual void on_closed(std::string_view why, time_point now) = 0;
  /// The next reply, in the order of the commands. `answer` is valid until this returns.
  virtual void on_reply(const reply& answer, time_point now) = 0;

 protected:
  ~connection_handler() = default;
};

/// One connection at a time. Used by one thread.
class connection_port {
 public:
  /// Begins to connect: `on_open` or `on_closed` follows.
  virtual void open() = 0;
  /// Ends the connection or the attempt, and drops what was not written yet; nothing follows.
  virtual void close() noexcept = 0;
  /// What to log in with, read when this connection was opened; empty: nothing.
  [[nodiscard]] virtual const std::string& password() const noexcept = 0;
  /// While the connection stands.
  [[nodiscard]] virtual server_place peer() const = 0;
  /// The server is fit to be counted on. An address where this was not said is tried last from
  /// then on; the one where it was said last is tried first.
  virtual void approve() noexcept = 0;
  /// What is appended here leaves with the next `write`.
  [[nodiscard]] virtual std::string& output() noexcept = 0;
  virtual void write() = 0;

 protected:
  ~connection_port() = default;
};

}  // namespace turnomatic::redis
