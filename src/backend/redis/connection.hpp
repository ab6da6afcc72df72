// The socket of a lane.
#pragma once

#include "backend/redis/lane.hpp"
#include "backend/redis/resp_codec.hpp"
#include "net/byte_stream.hpp"
#include "net/event_loop.hpp"
#include "net/name_lookup.hpp"

#include <turnomatic/redis_target.hpp>

#include <boost/asio/ssl/context.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace turnomatic::redis {

class tls_stream;

/// Resolves, connects, speaks TLS if the target wants it, and carries bytes. Over the worker's
/// poller, since requests wait for what comes. Deadlines are the lane's. Used by the event loop's
/// thread.
class connection final : public lane_link, private net::ready_handler, private net::deferred_work {
 public:
  /// `tls` is used if the target wants it and may be null otherwise. `server_name`, empty: the
  /// target's host. `owner` is deferred after each event, to do what the lane wants next. What it
  /// refers to must outlive it.
  connection(net::event_loop& loop, const redis_target& target, boost::asio::ssl::context* tls,
             const std::string& server_name, net::deferred_work& owner);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Who is told; before the first `open`.
  void serve(lane& whom) noexcept { lane_ = &whom; }

  void open() override;
  void close() noexcept override;
  void approve() noexcept override;
  [[nodiscard]] std::string& output() noexcept override { return output_; }
  void write() override;

 private:
  enum class state : std::uint8_t { closed, resolving, connecting, handshaking, open };
  struct address;

  void on_ready(net::readiness_event event) override;
  void run_deferred() override;
  void resolve();
  void try_next_address();
  [[nodiscard]] std::string begin_connect(const address& where);
  void on_connected();
  void shake_hands();
  void read();
  void flush();
  void fail_to_write(std::string why);
  void fail(std::string why);

  net::event_loop& loop_;
  const redis_target target_;
  boost::asio::ssl::context* const tls_;
  const std::string server_name_;
  net::deferred_work& owner_;
  lane* lane_{nullptr};
  net::name_lookup lookup_;
  std::vector<address> addresses_;       // still to be tried, next last
  std::unique_ptr<address> unapproved_;  // the last that was tried, unless it was approved
  std::unique_ptr<net::byte_stream> stream_;
  int fd_{-1};                   // of stream_
  tls_stream* secure_{nullptr};  // stream_, if it is one
  std::unique_ptr<reply_reader> reader_;
  std::string output_;         // not taken by the stream yet
  bool blocked_{false};        // the stream takes no more for now
  bool hung_up_{false};        // the end of the connection has been announced
  std::string failure_;        // to be told when nothing of the lane is on the stack
  std::string write_failure_;  // the same, once it is certain that the server has said nothing
  state state_{state::closed};
  std::uint64_t generation_{0};  // of the attempt: what belongs to an earlier one is ignored
  std::array<char, 16384> input_;
};

}  // namespace turnomatic::redis
