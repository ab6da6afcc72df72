#include "backend/redis/redis_backend.hpp"

#include "backend/redis/refusal_table.hpp"
#include "backend/redis/settings.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace turnomatic::redis {
namespace {

// The breaker's window is summed up for operators this often at most.
constexpr duration rates_period = std::chrono::milliseconds{100};

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

// 64 random bits as text: a lane's name, a genesis.
std::string random_token() {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv";
  std::uint64_t bits = random_number();
  std::string token;
  for (int i = 0; i < 13; ++i, bits >>= 5U)
    token += digits[bits & 31U];
  return token;
}

}  // namespace

redis_backend::redis_backend(const dependencies& with, const configuration& how,
                             const std::string& password, const std::string& name)
    : with_{with},
      fast_{how.redis.guarantee == redis_guarantee::fast},
      prefix_{how.redis.prefix},
      waiting_{coalescer_settings_of(how), random_number()},
      breaker_{breaker_settings_of(how), static_cast<std::uint32_t>(random_number()), clock::now(),
               this},
      connection_{with.loop, how.redis.target, with.tls, how.redis.tls_server_name, *this},
      lane_{{connection_, waiting_, breaker_, with.guard, with.events, with.new_ids},
            lane_settings_of(how),
            command_settings_of(how, random_token()),
            greeting_settings_of(how, password, name, random_token),
            static_cast<std::uint32_t>(random_number()),
            clock::now()},
      timer_{with.loop.io} {
  connection_.serve(lane_);
  breaker_.set_mode(how.breaker.mode, clock::now());
  publish_limits(how);
  status_.breaker.store(breaker_.state(), std::memory_order_relaxed);
}

redis_backend::~redis_backend() = default;

void redis_backend::begin() {
  with_.loop.later.add(*this);
}

void redis_backend::apply(const configuration& how) {
  waiting_.apply(coalescer_settings_of(how));
  breaker_.apply(breaker_settings_of(how));
  breaker_.set_mode(how.breaker.mode, with_.loop.time.refresh());
  lane_.apply(lane_settings_of(how));
  publish_limits(how);
  with_.loop.later.add(*this);
}

std::optional<take_operation::result_type> redis_backend::start(take_operation& op,
                                                                time_point now) {
  if (op.deadline <= now)
    return errc::deadline_passed;
  if (with_.guard.halted())
    return errc::store_behind;
  if (fast_ && with_.guard.is_behind(op.id->text()))
    return errc::store_behind;
  if (!breaker_.allows())
    return errc::breaker_open;
  if (!waiting_.enqueue(op)) {
    constexpr auto relaxed = std::memory_order_relaxed;
    status_.shed.fetch_add(1, relaxed);
    // The bound of one id is no reason to send the others elsewhere.
    if (waiting_.waiting() >= status_.waiting_limit.load(relaxed))
      status_.shed_at.store(now.time_since_epoch().count(), relaxed);
    return errc::overloaded;
  }
  with_.loop.later.add(*this);
  return std::nullopt;
}

std::optional<peek_operation::result_type> redis_backend::start(peek_operation& op,
                                                                time_point now) {
  if (op.deadline <= now)
    return errc::deadline_passed;
  if (!lane_.is_open())
    return errc::unavailable;
  lane_.peek(op, now);
  with_.loop.later.add(*this);
  return std::nullopt;
}

std::optional<ping_operation::result_type> redis_backend::start(ping_operation& op,
                                                                time_point now) {
  if (op.deadline <= now)
    return errc::deadline_passed;
  if (!lane_.is_open())
    return errc::unavailable;
  lane_.ping(op, now);
  with_.loop.later.add(*this);
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
  errand(administration what, administrator::completion whom)
      : steps{std::move(what)}, done{std::move(whom)} {}

  administration steps;
  administrator::completion done;
};

void redis_backend::set_breaker_mode(breaker_mode mode) {
  const time_point now = with_.loop.time.refresh();
  breaker_.set_mode(mode, now);
  publish(now);
  with_.loop.later.add(*this);
}

void redis_backend::perform(const admin_request& what, const administrator::completion& done) {
  if (errands_ == errands_max)
    return done(errc::overloaded);
  ++errands_;
  with_.loop.time.refresh();
  go_on(std::make_shared<errand>(administration{what, prefix_, with_.guard}, done));
  with_.loop.later.add(*this);
}

void redis_backend::go_on(const std::shared_ptr<errand>& with) {
  std::string commands;
  const std::size_t count = with->steps.next(commands);
  if (count == 0)
    return end(*with);
  const auto taken = [this, with](const reply* answer) {
    if (answer == nullptr) {
      with->steps.give_up(true);
      return end(*with);
    }
    if (with->steps.take(*answer))
      go_on(with);
  };
  if (lane_.query(commands, count, taken, with_.loop.time.now()))
    return;
  with->steps.give_up(false);
  end(*with);
}

void redis_backend::end(const errand& which) {
  --errands_;
  if (const std::string& refusal = which.steps.refusal(); !refusal.empty())
    with_.events.refused(refusal_of(refusal), refusal);
  which.done(which.steps.outcome());
}

// ---- what follows from it all

void redis_backend::breaker_changed(breaker_state from, breaker_state to,
                                    breaker_reason why) noexcept {
  with_.events.breaker_changed(from, to, why);
  rates_due_ = {};  // those that opened it are what operators ask for
  if (to == breaker_state::open)
    status_.openings.fetch_add(1, std::memory_order_relaxed);
}

// Once for all that was enqueued and answered while the sockets were ready.
void redis_backend::run_deferred() {
  const time_point now = with_.loop.time.now();
  lane_.pump(now);
  publish(now);
  arm(now);
}

void redis_backend::publish(time_point now) noexcept {
  constexpr auto relaxed = std::memory_order_relaxed;
  status_.lane_open.store(lane_.is_open(), relaxed);
  status_.breaker.store(breaker_.state(), relaxed);
  status_.may_close_at.store((now + breaker_.retry_in(now)).time_since_epoch().count(), relaxed);
  status_.waiting.store(waiting_.waiting(), relaxed);
  status_.under_way.store(lane_.under_way(), relaxed);
  if (now < rates_due_)
    return;
  rates_due_ = now + rates_period;
  const breaker_snapshot seen = breaker_.snapshot(now);
  status_.calls.store(seen.window.calls, relaxed);
  status_.failures.store(seen.window.failures, relaxed);
  status_.slow.store(seen.window.slow, relaxed);
  status_.failed_in_a_row.store(seen.consecutive_failures, relaxed);
  if (seen.last_opening)
    status_.last_opening.store(*seen.last_opening, relaxed);
}

void redis_backend::publish_limits(const configuration& how) noexcept {
  status_.waiting_limit.store(how.redis.queue_max, std::memory_order_relaxed);
  status_.under_way_limit.store(how.redis.pipeline_max, std::memory_order_relaxed);
}

// The timer is only ever set forward: to set it for each request would cost more than a look that
// finds nothing to do, about once a second.
void redis_backend::arm(time_point now) {
  const time_point due = std::max(lane_.wake_at(), now);
  if (due >= armed_for_)
    return;
  armed_for_ = due;
  timer_.expires_at(due);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error)
      return;
    armed_for_ = time_point::max();
    const time_point woken = with_.loop.time.refresh();
    lane_.tick(woken);
    publish(woken);
    arm(woken);
  });
}

}  // namespace turnomatic::redis
