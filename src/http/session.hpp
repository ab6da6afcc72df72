// One connection: from bytes to requests, from answers to bytes.
#pragma once

#include "core/timer_wheel.hpp"
#include "http/request.hpp"
#include "http/sent_turns.hpp"
#include "http/session_context.hpp"
#include "net/byte_stream.hpp"
#include "net/deferred.hpp"
#include "net/socket_address.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace turnomatic::http {

/// Reads requests, has them answered, writes the answers in the order of the requests, and
/// decides when the connection ends.
///
/// An idle session holds no buffers: input is parsed in the worker's buffer and only an
/// incomplete request is kept; answers are written at once and only what the kernel did not
/// take is kept. Lives on one worker's thread.
class session : public net::ready_handler, public net::deferred_work, public timer_entry {
 public:
  /// `peer` is where the connection comes from. With `refusal`, the first request is the last, and
  /// answered with that problem unless it is a probe's.
  session(session_context& context, std::unique_ptr<net::byte_stream> stream,
          const net::peer_address& peer, std::optional<problem> refusal);
  virtual ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  void on_ready(net::readiness_event event) override;
  /// An exchange of this session has been settled by the backend.
  void on_settled() noexcept;
  void run_deferred() override;
  /// Acts on a timeout that has passed by now, and shortens it if the context has begun to drain.
  /// For those that the context's timers show.
  void check_timeout();
  /// Ends a connection that was let in to be refused, for another that needs its place; what has
  /// arrived is answered first. It stays only if the answer is still on its way.
  void give_way();
  /// Ends the connection at once. Takes that have not been sent are withdrawn, and what was
  /// answered but not acknowledged counts as undelivered, unless `reason` is our own wish to end.
  void abort(close_reason reason) noexcept;

  /// Sends `bytes` to a session that event_feed::subscribe was called with. May end it.
  void push(std::string_view bytes);

  [[nodiscard]] bool closed() const noexcept { return state_ == state::closed; }

 private:
  /// open: requests are read. finishing: no more are, answers are outstanding. lingering:
  /// all is answered and our half is closed, the rest of the input is discarded. streaming: events
  /// are pushed, the rest of the input is discarded.
  enum class state : std::uint8_t { open, finishing, lingering, streaming, closed };
  /// Of the 100 that an incomplete request waits for.
  enum class interim : std::uint8_t { none, due, sent };
  /// first: no request has begun since the connection was accepted.
  enum class timer : std::uint8_t { none, first, idle, header, write, linger };

  // Input.
  void go_on();
  [[nodiscard]] bool may_go_on() const noexcept;
  /// What reading has come to. none: nothing had arrived. drained: what had arrived was dealt with,
  /// and what comes later announces itself. more: there may be more to read. parked: requests are
  /// left that have to wait for room or for the session's next turn.
  enum class intake : std::uint8_t { none, drained, more, parked };
  intake read(std::size_t& budget);
  intake look_for_input();
  [[nodiscard]] time_point arrival() noexcept;
  void take_up(std::string_view fresh, std::size_t& budget);
  [[nodiscard]] std::size_t serve_requests(std::string_view input, std::size_t& budget);
  [[nodiscard]] bool holds_part_of_a_request() const noexcept;
  void discard_carry();
  void on_end_of_input();
  [[nodiscard]] bool peer_ended() const noexcept { return peer_ended_at_ != time_point::max(); }
  [[nodiscard]] bool is_abandoned(const exchange& e) const noexcept;
  void on_peer_ended();
  void on_peer_gone(close_reason reason) noexcept;

  // One request.
  [[nodiscard]] std::optional<std::size_t> serve_request(std::string_view input);
  [[nodiscard]] std::optional<std::size_t> serve_message(std::string_view head,
                                                         std::string_view behind,
                                                         std::string_view target);
  void serve(exchange& e, const request_head& request, const route_match& to);
  void serve_turn(exchange& e, const std::optional<counter_id>& id, const request_head& request);
  static void serve_turn_options(exchange& e, const request_head& request);
  [[nodiscard]] static bool take_key(exchange& e, const request_head& request);
  void serve_operations(exchange& e, const request_head& request);
  void serve_stream(exchange& e);
  void serve_admin(exchange& e, const request_head& request, std::string_view path);
  void reject(rejection why, std::string_view request);
  exchange& enqueue();
  void settle(exchange& e, problem p) noexcept;
  static void settle_options(exchange& e) noexcept;

  // Output.
  void collect_answers();
  void append_answer(exchange& e);
  void append_interim_answer();
  void put_into_access_log(exchange& e) const;
  void tell(incident what) const;
  bool flush();
  void keep_unsent(std::size_t written);
  /// What becomes of answers that the kernel has not taken: they are still to be written, or their
  /// client has gone, or we cut the connection.
  enum class fate_of_rest : std::uint8_t { open, lost, cut };
  [[nodiscard]] static std::uint16_t status_of(fate_of_rest rest) noexcept;
  void report(std::span<answer_record> records, std::size_t written, fate_of_rest rest);
  void report_one(answer_record& record);
  void on_writable();
  void begin_stream();
  void linger_if_finished();
  void begin_linger();
  [[nodiscard]] std::size_t unacknowledged() const noexcept;
  void end_if_acknowledged();
  void end_linger();
  void drop_exchanges(fate_of_rest rest) noexcept;

  void set_timer(timer kind, tick timeout) noexcept;
  void update_timer() noexcept;
  void time_out_header();
  [[nodiscard]] bool is_overdue(timer kind) const noexcept;
  [[nodiscard]] tick idle_timeout() const noexcept;

  session_context& context_;
  std::unique_ptr<net::byte_stream> stream_;
  const net::peer_address peer_;
  const std::uint64_t client_;  // take_operation::client of what it asks for
  std::string carry_;           // an incomplete request, or input not yet wanted
  std::string unsent_;          // what the kernel did not take
  std::size_t unsent_begin_{0};
  std::vector<answer_record> unsent_records_;  // of the answers that end in unsent_
  exchange* first_{nullptr};                   // unanswered requests, oldest first
  exchange* last_{nullptr};
  time_point arrived_;  // of the input that is being taken up
  /// When the peer closed its half; input may lie before the end.
  time_point peer_ended_at_{time_point::max()};
  sent_turns sent_turns_;         // those issued
  std::uint32_t linger_left_{0};  // bytes unacknowledged when the lingering was prolonged last
  std::uint8_t depth_{0};         // of the list above
  state state_{state::open};
  timer timer_{timer::none};
  interim interim_{interim::none};
  close_reason end_reason_{close_reason::by_server};  // if it ends after lingering
  bool read_on_{false};  // a short read is not the end of what has arrived
  bool parked_{false};   // carry_ begins with requests that were not looked at yet
  bool has_read_{false};
  bool subscribes_{false};    // once its answers have been written
  bool end_of_input_{false};  // all of it has been read
  std::optional<problem> refusal_;
};

}  // namespace turnomatic::http
