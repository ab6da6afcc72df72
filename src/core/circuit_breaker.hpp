// Whether calls to a shard may be sent.
#pragma once

#include "core/call_window.hpp"

#include <turnomatic/breaker.hpp>
#include <turnomatic/turn.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

namespace turnomatic {

/// When a breaker opens and for how long (ADR 9 argues the defaults). A percentage is a share
/// of all calls in the window and opens at or above; whatever opens is switched off by 0.
/// Times are positive and `open_min` is at most `open_max`: the configuration sees to that.
struct breaker_settings {
  duration window{std::chrono::seconds{10}};
  unsigned minimum_calls{20};  ///< in the window, before a percentage can open
  unsigned failure_percent{50};
  duration slow_call{std::chrono::milliseconds{500}};  ///< a success is slow from here on
  unsigned slow_percent{80};
  unsigned consecutive_failures{5};  ///< open at once, however few calls there were
  /// The open time doubles from `open_min` to `open_max` until a call succeeds that is not slow: a
  /// store that answers a PING and nothing else is asked less and less often. Each is multiplied by
  /// 0.8 to 1.2 at random, or all workers would probe together.
  duration open_min{std::chrono::milliseconds{100}};
  duration open_max{std::chrono::milliseconds{500}};
  duration probe_deadline{std::chrono::milliseconds{300}};
};

/// Taken when a call is sent, handed back with its outcome. One made otherwise counts for
/// nothing.
struct call_ticket {
  std::uint64_t generation{};
  time_point sent;
};

/// Stands for the one probe of a half-open breaker.
struct probe_ticket {
  std::uint64_t generation{};
  time_point deadline;  ///< from here on the probe has failed
};

/// What a call has changed, for its caller to report. A change of mode goes from what was shown to
/// what is shown; what is decided in the mode metrics_only goes between closed, open and half_open.
struct breaker_transition {
  breaker_state from;
  breaker_state to;
  breaker_reason reason;
};

struct probe_start {
  breaker_transition transition;
  probe_ticket ticket;
};

/// A breaker as operators see it.
struct breaker_snapshot {
  breaker_state state;
  breaker_mode mode;
  time_point since;    ///< when `state` began
  call_counts window;  ///< up to now while it is closed, else up to when it opened
  unsigned consecutive_failures;
  duration retry_in;
  std::uint64_t openings;  ///< since the start, without those that were forced
  /// Why it ceased to be closed the last time; nothing if it always was.
  std::optional<breaker_reason> last_opening;
};

/// Decides whether calls to one shard may be sent: a call is one packet or one failed connect.
/// For one worker, not thread-safe. Without I/O: the caller sends calls and probes, and asks
/// `advance` and then `probe_due` at the latest when `wake_at` says.
///
/// Closed, it counts calls, and opens when too many of them failed or were slow, or some
/// failed in a row. Half-open lets no call through, since a herd would knock the shard over
/// again (Polly 216, opossum 119): one probe alone decides, a PING that costs no turn. A
/// probe fails at its deadline at the latest, so half-open cannot stick (resilience4j 903).
///
/// Each period between two transitions is a generation. Outcomes of another generation than
/// the present one count for nothing, however late they are.
class circuit_breaker {
 public:
  using change = std::optional<breaker_transition>;

  /// Starts closed and automatic. `seed` is random and different in each breaker.
  circuit_breaker(const breaker_settings& settings, std::minstd_rand::result_type seed,
                  time_point now) noexcept;

  /// Whether calls may be sent.
  [[nodiscard]] bool allows() const noexcept;
  /// How long callers are asked to wait: what is left of the open time or of the probe's
  /// deadline, `open_max` if forced open, 0 if it allows.
  [[nodiscard]] duration retry_in(time_point now) const noexcept;

  /// Call it when a call is sent, and one of the two others at most once when it is settled.
  [[nodiscard]] call_ticket call_sent(time_point now) const noexcept;
  [[nodiscard]] change call_succeeded(const call_ticket& ticket, time_point now) noexcept;
  [[nodiscard]] change call_failed(const call_ticket& ticket, time_point now) noexcept;
  /// What is called answers, though to no call: failures before and after do not follow each other.
  void reached() noexcept { consecutive_failures_ = 0; }

  /// Once, when the open time is over: the caller sends a probe now and tells of its outcome with
  /// the ticket.
  [[nodiscard]] std::optional<probe_start> probe_due(time_point now) noexcept;
  [[nodiscard]] change probe_succeeded(const probe_ticket& ticket, time_point now) noexcept;
  [[nodiscard]] change probe_failed(const probe_ticket& ticket, time_point now) noexcept;

  /// Fails a probe whose deadline has come.
  [[nodiscard]] change advance(time_point now) noexcept;
  /// When time changes something next; nothing if time alone never will.
  [[nodiscard]] std::optional<time_point> wake_at() const noexcept;

  /// Between automatic and metrics_only the state is kept. Any other change closes, with an
  /// empty window; the mode that is set already changes nothing.
  [[nodiscard]] change set_mode(breaker_mode mode, time_point now) noexcept;
  /// Keeps the state and what is timed already. The counts are kept unless the length of the
  /// window changes.
  void apply(const breaker_settings& settings) noexcept;

  [[nodiscard]] breaker_state state() const noexcept;
  [[nodiscard]] breaker_snapshot snapshot(time_point now) const noexcept;

 private:
  [[nodiscard]] std::optional<breaker_reason> reason_to_open(time_point now) const noexcept;
  [[nodiscard]] change judge(time_point now) noexcept;
  [[nodiscard]] breaker_transition open(breaker_reason reason, time_point now) noexcept;
  void forget_calls() noexcept;
  [[nodiscard]] breaker_transition enter(breaker_state next, breaker_reason reason,
                                         time_point now) noexcept;

  breaker_settings settings_;
  std::minstd_rand random_;
  breaker_mode mode_{breaker_mode::automatic};
  breaker_state inner_{breaker_state::closed};  ///< what is decided, also in secret
  std::uint64_t generation_{1};
  time_point since_;
  duration open_time_{};  ///< the last one, before the random factor; 0 once a call succeeded
  time_point until_;      ///< end of the open time or of the probe's deadline
  call_window window_;
  call_counts opened_by_;  ///< the window when it opened; time has passed since
  unsigned consecutive_failures_{};
  std::uint64_t openings_{};
  std::optional<breaker_reason> last_opening_;
};

}  // namespace turnomatic
