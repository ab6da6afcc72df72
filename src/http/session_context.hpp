// What all sessions of one worker share.
#pragma once

#include "core/timer_wheel.hpp"
#include "http/exchange.hpp"
#include "http/response_writer.hpp"
#include "http/router.hpp"
#include "net/deferred_queue.hpp"
#include "net/loop_clock.hpp"

#include <turnomatic/counter_backend.hpp>
#include <turnomatic/health.hpp>
#include <turnomatic/observer.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace turnomatic::http {

/// Coarse time: the unit in which connections time out. A timeout of n ticks ends between n
/// and n + 1 ticks later; if very many end with the same tick, it takes as long as to close them.
using turnomatic::tick;
inline constexpr std::chrono::milliseconds tick_length{250};

/// Requests of one connection that may be under way at once; the rest stays unread.
inline constexpr std::size_t pipeline_max = 64;

/// What a worker's sessions go by; changes with the configuration.
struct session_settings {
  duration request_deadline{std::chrono::seconds{1}};
  std::size_t header_max{8192};  ///< bytes, at most header_bound
  tick header_timeout{20};
  tick idle_timeout{300};
  tick write_timeout{20};
  std::uint32_t access_sample{0};  ///< log one in this many requests; 0: none
  /// Origins whose browser pages may take turns, as browsers send them.
  std::vector<std::string> cors_origins{};
};

/// How long a connection is read from after its last answer, so that the answer is not lost
/// to a reset (RFC 9112 section 9.6).
inline constexpr tick linger_ticks = 8;
/// A client that closes its half this soon after its request has nothing more to ask and waits
/// for the answer. Later it has given up: what can still be withdrawn is (docs/adr/0013).
inline constexpr std::chrono::milliseconds half_close_grace{50};
/// How long an idle connection is left open when the instance is draining: time for a request
/// that is already on its way.
inline constexpr tick drain_idle_ticks = 4;

/// What is to be told of a request once its answer has left.
struct answer_record {
  request_record request;
  time_point arrived;
  std::uint32_t end;  ///< of the answer within the bytes that it is written with
  bool is_turn;       ///< to be accounted for
  std::string access_target;
};

/// Answers of one connection on their way to one write.
struct answer_batch {
  std::string bytes;
  std::array<answer_record, pipeline_max> records;
  std::size_t size{0};
};

class admin_handler;
class event_feed;
class session;

/// Told by a session of its end.
class session_owner {
 public:
  /// The session is closed; it may be destroyed once no call to it is on the stack.
  virtual void session_closed(session& s) noexcept = 0;

 protected:
  ~session_owner() = default;
};

/// Used by one worker's thread only, like everything that hangs on it. What it refers to
/// must outlive it.
struct session_context {
  /// `jitter_seed` is to differ from worker to worker; the same one repeats what is at random.
  session_context(counter_backend* backend_or_null, observer& events_in,
                  const operations_source& operations_in, session_owner& owner_in,
                  audience audience_in, net::loop_clock& time_in, net::deferred_queue& later_in,
                  std::uint32_t jitter_seed)
      : backend{backend_or_null},
        events{events_in},
        operations{operations_in},
        owner{owner_in},
        who{audience_in},
        time{time_in},
        later{later_in},
        exchanges{events_in},
        jitter{jitter_seed} {
    apply(settings);
  }

  void apply(const session_settings& to) {
    settings = to;
    writer.set_idle_timeout(settings.idle_timeout * tick_length);
  }

  /// Seconds for Retry-After: what the backend says, rounded up to 1 or more, and 0 to 2 at
  /// random: clients that were refused together shall not come back together. `new_id_in` is
  /// take_operation::retry_in of what was refused.
  [[nodiscard]] unsigned retry_after_seconds(problem why = problem::draining,
                                             duration new_id_in = {}) {
    duration at_least{};
    if (why == problem::too_many_new_ids)
      at_least = std::min<duration>(new_id_in, std::chrono::hours{1});
    if (why == problem::breaker_open && backend != nullptr)
      at_least = backend->retry_in(errc::breaker_open, time.now());
    const auto whole = std::chrono::ceil<std::chrono::seconds>(at_least).count();
    return std::max(1U, static_cast<unsigned>(whole)) + static_cast<unsigned>(jitter() % 3);
  }

  [[nodiscard]] bool allows_origin(std::string_view origin) const noexcept {
    const auto& allowed = settings.cors_origins;
    return std::find(allowed.begin(), allowed.end(), origin) != allowed.end();
  }

  /// The clock is the loop's, so a late tick shortens no timeout that is set before it.
  [[nodiscard]] tick now() noexcept { return ticks.at(time.now()); }

  /// Whether the current request is one of those that go into the access log.
  [[nodiscard]] bool sample_access() noexcept {
    if (settings.access_sample == 0 || ++access_count < settings.access_sample)
      return false;
    access_count = 0;
    return true;
  }

  counter_backend* const backend;  ///< null where no turns are served
  admin_handler* admin{nullptr};   ///< null where /admin/* is not served
  event_feed* health{nullptr};     ///< null where it is not published
  observer& events;
  const operations_source& operations;
  session_owner& owner;
  const audience who;
  net::loop_clock& time;
  net::deferred_queue& later;  ///< for a session that has more to do when others have had a turn

  session_settings settings;  ///< changed by `apply`
  tick_count ticks{time.now(), tick_length};
  timer_wheel timers{ticks.at(time.now())};  ///< of all sessions; advanced by the worker
  bool draining{false};                      ///< every answer is its connection's last

  exchange_pool exchanges;
  response_writer writer{std::chrono::system_clock::now()};
  answer_batch batch;             ///< empty whenever no session is at work
  std::array<char, 16384> input;  ///< a session's input, while it is at work
  std::minstd_rand jitter;
  std::uint32_t access_count{0};
};

}  // namespace turnomatic::http
