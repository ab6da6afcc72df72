#include "backend/redis/redis_backend.hpp"

#include "backend/redis/settings.hpp"
#include "backend/redis/shard/refusal_table.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic::redis {
namespace {

// The breaker's window is summed up for operators this often at most.
constexpr duration rates_period = std::chrono::milliseconds{100};

}  // namespace

redis_backend::redis_backend(const dependencies& parts, std::unique_ptr<store_endpoint> endpoint,
                             const configuration& config, const std::string& name)
    : parts_{parts},
      prefix_{config.redis.prefix},
      waiting_{coalescer_settings_of(config), random_seed()},
      breaker_{breaker_settings_of(config), static_cast<std::uint32_t>(random_seed()),
               clock::now()},
      endpoint_{std::move(endpoint)},
      connection_{parts.loop, *endpoint_, parts.credentials, dialer_settings_of(config), *this},
      shard_{{connection_, waiting_, breaker_, parts.guard, parts.events, parts.new_ids,
              [this] { boost::asio::post(parts_.loop.io, [this] { look_again(); }); }},
             shard_settings_of(config),
             {.prefix = config.redis.prefix,
              .database = config.redis.target.database,
              .client_name = name,
              .user = config.redis.target.user,
              .primary = config.redis.target.primary},
             random_token,
             static_cast<std::uint32_t>(random_seed()),
             clock::now()},
      timer_{parts.loop.io} {
  connection_.serve(shard_);
  change_breaker_mode(config.breaker.mode, clock::now());
  publish_limits(config);
  status_.breaker.store(breaker_.state(), std::memory_order_relaxed);
}

redis_backend::~redis_backend() {
  shard_.end();
}

void redis_backend::begin() {
  parts_.loop.later.add(*this);
}

void redis_backend::apply(const configuration& config) {
  waiting_.apply(coalescer_settings_of(config));
  breaker_.apply(breaker_settings_of(config));
  change_breaker_mode(config.breaker.mode, parts_.loop.time.refresh());
  shard_.apply(shard_settings_of(config));
  connection_.apply(dialer_settings_of(config));
  publish_limits(config);
  parts_.loop.later.add(*this);
}

std::optional<take_operation::result_type> redis_backend::start(take_operation& op,
                                                                time_point now) {
  if (op.deadline <= now)
    return errc::deadline_passed;
  if (shard_.sees_wrong_store())
    return errc::store_behind;
  if (!breaker_.allows())
    return errc::breaker_open;
  if (!waiting_.enqueue(op)) {
    constexpr auto relaxed = std::memory_order_relaxed;
    status_.shed.fetch_add(1, relaxed);
    // The bound of one id is no reason to send the others elsewhere.
    if (waiting_.waiting_count() >= status_.waiting_limit.load(relaxed))
      status_.shed_at.store(now.time_since_epoch().count(), relaxed);
    return errc::overloaded;
  }
  parts_.loop.later.add(*this);
  return std::nullopt;
}

bool redis_backend::cancel(take_operation& op) noexcept {
  return waiting_.cancel(op);
}

duration redis_backend::retry_in(errc why, time_point now) const noexcept {
  return why == errc::breaker_open ? breaker_.retry_in(now) : duration::zero();
}

// ---- for operators

struct redis_backend::errand {
  errand(administration task, administrator::completion on_end)
      : steps{std::move(task)}, done{std::move(on_end)} {}

  administration steps;
  administrator::completion done;
};

void redis_backend::set_breaker_mode(breaker_mode mode) {
  const time_point now = parts_.loop.time.refresh();
  change_breaker_mode(mode, now);
  publish(now);
  parts_.loop.later.add(*this);
}

void redis_backend::perform(const admin_request& request, const administrator::completion& done) {
  if (errands_ == errands_max)
    return done(errc::overloaded);
  ++errands_;
  parts_.loop.time.refresh();
  go_on(std::make_shared<errand>(
      administration{request, prefix_, parts_.guard, shard_.replicas().asked()}, done));
  parts_.loop.later.add(*this);
}

void redis_backend::go_on(const std::shared_ptr<errand>& current) {
  std::string commands;
  if (!current->steps.next(commands))
    return end(*current);
  const auto taken = [this, current](const reply* answer) {
    if (answer == nullptr) {
      current->steps.give_up(true);
      return end(*current);
    }
    current->steps.take(*answer);
    go_on(current);
  };
  if (shard_.query(commands, 1, taken, parts_.loop.time.now()))
    return;
  current->steps.give_up(false);
  end(*current);
}

void redis_backend::end(const errand& ended) {
  --errands_;
  if (const std::string& refusal = ended.steps.refusal(); !refusal.empty())
    parts_.events.refused(refusal_of(refusal).kind, refusal);
  ended.done(ended.steps.outcome());
}

void redis_backend::change_breaker_mode(breaker_mode mode, time_point now) {
  if (const auto made = breaker_.set_mode(mode, now))
    parts_.events.breaker_changed(made->from, made->to, made->reason);
}

// ---- what follows from it all

// Woken by another worker: the loop may have read its clock long ago.
void redis_backend::look_again() {
  parts_.loop.time.refresh();
  run_deferred();
}

// Once for all that was enqueued and answered while the sockets were ready.
void redis_backend::run_deferred() {
  const time_point now = parts_.loop.time.now();
  shard_.pump(now);
  publish(now);
  arm(now);
}

void redis_backend::publish(time_point now) noexcept {
  constexpr auto relaxed = std::memory_order_relaxed;
  status_.connected.store(shard_.is_connected(), relaxed);
  status_.counting.store(shard_.is_counting(), relaxed);
  const breaker_state before = status_.breaker.load(relaxed);
  status_.breaker.store(breaker_.state(), relaxed);
  status_.may_close_at.store((now + breaker_.retry_in(now)).time_since_epoch().count(), relaxed);
  status_.waiting.store(waiting_.waiting_count(), relaxed);
  status_.under_way.store(shard_.under_way(), relaxed);
  status_.lacks_replicas.store(shard_.replicas().was_missed(), relaxed);
  // Those that opened it are what operators ask for.
  if (now < rates_due_ && breaker_.state() == before)
    return;
  rates_due_ = now + rates_period;
  const breaker_snapshot seen = breaker_.snapshot(now);
  status_.window.calls.store(seen.window.calls, relaxed);
  status_.window.failures.store(seen.window.failures, relaxed);
  status_.window.slow.store(seen.window.slow, relaxed);
  status_.window.failed_in_a_row.store(seen.consecutive_failures, relaxed);
  status_.openings.store(seen.openings, relaxed);
  if (seen.last_opening)
    status_.last_opening.store(*seen.last_opening, relaxed);
}

void redis_backend::publish_limits(const configuration& config) noexcept {
  status_.waiting_limit.store(config.redis.queue_max, std::memory_order_relaxed);
}

// The timer is only ever set forward: to set it for each request would cost more than a look that
// finds nothing to do, about once a second.
void redis_backend::arm(time_point now) {
  const time_point due = std::max(shard_.wake_at(), now);
  if (due >= armed_for_)
    return;
  armed_for_ = due;
  timer_.expires_at(due);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error)
      return;
    armed_for_ = time_point::max();
    const time_point woken = parts_.loop.time.refresh();
    shard_.tick(woken);
    publish(woken);
    arm(woken);
  });
}

}  // namespace turnomatic::redis
