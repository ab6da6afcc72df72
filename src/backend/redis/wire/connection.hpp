// A connection to a store over a socket.
#pragma once

#include "backend/redis/wire/connection_port.hpp"
#include "backend/redis/wire/dialer.hpp"
#include "backend/redis/wire/resp_codec.hpp"
#include "net/byte_stream.hpp"
#include "net/event_loop.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace turnomatic::redis {

class tls_stream;

/// Has its dialer connect, then carries bytes. Over the worker's poller, since requests wait for
/// what comes. The time until the connection stands is limited, `on_closed` says which step took
/// too long; what happens after that is the handler's to limit. Used by the event loop's thread.
class connection final : public connection_port,
                         private net::ready_handler,
                         private net::deferred_work {
 public:
  /// `owner` is deferred after each event, to do what the handler wants next. What it refers to
  /// must outlive it. Ends when the endpoint says that the primary is another one.
  connection(net::event_loop& loop, store_endpoint& endpoint, credential_source& source,
             const dialer::settings& config, net::deferred_work& owner);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Who is told; before the first `open`.
  void serve(connection_handler& handler) noexcept { handler_ = &handler; }
  /// For the next connection.
  void apply(const dialer::settings& config) noexcept { dialer_.apply(config); }

  void open() override;
  void close() noexcept override;
  [[nodiscard]] const std::string& password() const noexcept override {
    return line_.shown.password;
  }
  [[nodiscard]] server_place peer() const override { return {dialer_.peer(), dialer_.replicas()}; }
  void approve() noexcept override { dialer_.approve(); }
  [[nodiscard]] std::string& output() noexcept override { return output_; }
  void write() override;

 private:
  enum class state : std::uint8_t { closed, dialing, open };

  void on_ready(net::readiness_event event) override;
  void run_deferred() override;
  void on_dialed(dialer::outcome made);
  void read();
  void flush();
  void fail_to_write(std::string why);
  void fail(std::string why);
  void leave(std::string why);

  net::event_loop& loop_;
  net::deferred_work& owner_;
  connection_handler* handler_{nullptr};
  dialer dialer_;
  dialer::line line_;
  std::unique_ptr<reply_reader> reader_;
  std::string output_;         // not taken by the stream yet
  bool blocked_{false};        // the stream takes no more for now
  bool hung_up_{false};        // the end of the connection has been announced
  std::string failure_;        // to be told when nothing of the handler is on the stack
  std::string write_failure_;  // the same, once it is certain that the server has said nothing
  state state_{state::closed};
  std::uint64_t generation_{0};  // of the attempt: what belongs to an earlier one is ignored
  std::array<char, 16384> input_;
};

}  // namespace turnomatic::redis
