// Counters in Redis.
#pragma once

#include "backend/redis/administration.hpp"
#include "backend/redis/endpoint/store_endpoint.hpp"
#include "backend/redis/shard/shard.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "backend/redis/wire/connection.hpp"
#include "core/circuit_breaker.hpp"
#include "core/coalescer.hpp"
#include "net/deferred.hpp"
#include "net/event_loop.hpp"

#include <turnomatic/administrator.hpp>
#include <turnomatic/config.hpp>
#include <turnomatic/counter_backend.hpp>
#include <turnomatic/store_observer.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace turnomatic::redis {

/// Where a backend stands. Written by its worker, read by anybody; each member by itself.
struct store_status {
  std::atomic<bool> connected{false};
  std::atomic<bool> counting{false};  ///< connected, and the lane has entered the store
  std::atomic<breaker_state> breaker{breaker_state::closed};
  std::atomic<duration::rep> may_close_at{0};  ///< of the breaker, on the steady clock
  /// Of the breaker's window, up to now or to when it opened.
  struct {
    std::atomic<std::uint32_t> calls{0};
    std::atomic<std::uint32_t> failures{0};
    std::atomic<std::uint32_t> slow{0};
    std::atomic<unsigned> failed_in_a_row{0};
  } window;
  std::atomic<std::uint64_t> openings{0};  ///< of the breaker, since the start
  std::atomic<breaker_reason> last_opening{breaker_reason::forced};  ///< of its openings, if any
  std::atomic<std::size_t> waiting{0};  ///< requests that no batch has taken up yet
  std::atomic<std::size_t> waiting_limit{0};
  std::atomic<std::uint64_t> shed{0};         ///< requests refused because a queue was full
  std::atomic<duration::rep> shed_at{never};  ///< when the queue of all ids was full last
  std::atomic<std::size_t> under_way{0};      ///< batches whose outcome is open
  std::atomic<bool> lacks_replicas{false};    ///< too few have acknowledged what it is to hand out

  static constexpr duration::rep never = std::numeric_limits<duration::rep>::min() / 2;
};

/// One worker's access to the counters of one Redis: coalescer, breaker, shard and connection put
/// together, on the worker's event loop.
class redis_backend final : public counter_backend, private net::deferred_work {
 public:
  struct dependencies {
    net::event_loop& loop;
    store_guard& guard;
    store_observer& events;
    credential_source& credentials;
    new_id_limit* new_ids{nullptr};  ///< null: no limit
  };

  /// `name` tells this worker from others, in CLIENT LIST. Nothing is sent before `begin`. What it
  /// refers to must outlive it.
  redis_backend(const dependencies& parts, std::unique_ptr<store_endpoint> endpoint,
                const configuration& config, const std::string& name);
  ~redis_backend() override;
  redis_backend(const redis_backend&) = delete;
  redis_backend& operator=(const redis_backend&) = delete;

  /// Connects, and keeps connected. On the worker's thread or before it runs.
  void begin();
  /// What of a configuration can change. On the worker's thread.
  void apply(const configuration& config);

  /// Until the next `apply`. On the worker's thread.
  void set_breaker_mode(breaker_mode mode);
  [[nodiscard]] breaker_snapshot breaker() const { return breaker_.snapshot(clock::now()); }
  /// Peeks, lists, sets and resumes for an operator. `done` is called once, on the worker's thread,
  /// where this is to be called; at once if there is no connection. At most `errands_max` are under
  /// way.
  void perform(const admin_request& request, const administrator::completion& done);
  static constexpr std::size_t errands_max = 16;

  [[nodiscard]] std::optional<take_operation::result_type> start(take_operation& op,
                                                                 time_point now) override;
  [[nodiscard]] bool cancel(take_operation& op) noexcept override;
  [[nodiscard]] duration retry_in(errc why, time_point now) const noexcept override;

  /// Any thread.
  [[nodiscard]] const store_status& status() const noexcept { return status_; }

 private:
  void run_deferred() override;
  void look_again();
  void change_breaker_mode(breaker_mode mode, time_point now);
  void publish(time_point now) noexcept;
  void publish_limits(const configuration& config) noexcept;
  void arm(time_point now);
  struct errand;
  void go_on(const std::shared_ptr<errand>& current);
  void end(const errand& ended);

  dependencies parts_;
  const std::string prefix_;
  std::size_t errands_{0};  // under way
  coalescer waiting_;
  circuit_breaker breaker_;
  const std::unique_ptr<store_endpoint> endpoint_;
  connection connection_;
  shard shard_;
  boost::asio::steady_timer timer_;
  time_point armed_for_{time_point::max()};
  time_point rates_due_{};
  store_status status_;
};

}  // namespace turnomatic::redis
