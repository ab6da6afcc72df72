// One connection: from bytes to requests, from answers to bytes.
#pragma once

#include "http/byte_stream.hpp"
#include "http/session_context.hpp"

#include <boost/intrusive/list_hook.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::http {

/// Reads requests, has them answered, writes the answers in the order of the requests, and
/// decides when the connection ends.
///
/// An idle session holds no buffers: input is parsed in the worker's buffer and only an
/// incomplete request is kept; answers are written at once and only what the kernel did not
/// take is kept. Lives on one worker's thread.
class session : public ready_handler, public boost::intrusive::list_base_hook<> {
 public:
  /// With `refusal`, the first request is answered with that problem, whatever it asks for.
  session(session_context& context, std::unique_ptr<byte_stream> stream,
          std::optional<problem> refusal);
  virtual ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  void on_ready(readiness_event event) override;
  /// An exchange of this session has been settled by the backend.
  void on_settled() noexcept;
  /// After session_owner::session_yields.
  void resume();
  /// Acts on a timeout that has passed by now.
  void check_timeout();
  /// The context has begun to drain.
  void on_draining() noexcept;
  /// Ends the connection at once. Takes that have not been sent are withdrawn.
  void abort(close_reason reason) noexcept;

  [[nodiscard]] bool closed() const noexcept { return state_ == state::closed; }

 private:
  /// open: requests are read. finishing: no more are, answers are outstanding. lingering:
  /// all is answered and our half is closed, the rest of the input is discarded.
  enum class state : std::uint8_t { open, finishing, lingering, closed };
  enum class timer : std::uint8_t { none, idle, header, write, linger };

  // Input.
  void read_input();
  void take_input(std::string_view fresh, time_point arrived);
  std::size_t consume(std::string_view input, time_point arrived);
  void discard_carry();
  void on_end_of_input();
  [[nodiscard]] bool may_read() const noexcept;

  // One request.
  void handle_head(std::string_view head, time_point arrived);
  void serve(exchange& e, const request_head& request);
  void serve_turn(exchange& e, std::string_view id_segment);
  void reject(rejection why, std::string_view request, time_point arrived);
  exchange& enqueue(time_point arrived);
  void settle(exchange& e, problem p) noexcept;

  // Output.
  void collect_answers();
  void append_answer(exchange& e);
  bool flush();
  void report(std::size_t written, bool broken);
  void on_writable();
  void finish_or_continue();
  void begin_linger();

  void set_timer(timer kind, tick timeout) noexcept;
  void update_timer() noexcept;

  session_context& context_;
  std::unique_ptr<byte_stream> stream_;
  std::string carry_;   // an incomplete request, or input not yet wanted
  std::string unsent_;  // what the kernel did not take
  std::size_t unsent_begin_{0};
  std::vector<std::uint32_t> unsent_turns_;  // where in unsent_ the answers of turns end
  exchange* first_{nullptr};                 // unanswered requests, oldest first
  exchange* last_{nullptr};
  tick deadline_{0};
  std::uint8_t depth_{0};  // of the list above
  state state_{state::open};
  timer timer_{timer::none};
  bool hangup_{false};
  bool end_of_input_{false};
  std::optional<problem> refusal_;
};

}  // namespace turnomatic::http
