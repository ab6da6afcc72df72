#include "app/redis_store.hpp"

#include "app/random.hpp"
#include "backend/redis/tls_stream.hpp"

#include <boost/asio/post.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace turnomatic::app {
namespace {

template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

std::string place_of(const redis_target& target) {
  if (!target.unix_path.empty())
    return target.unix_path;
  return text(target.host, ':', target.port);
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

// Of requests that found a queue full.
constexpr duration shedding_lasts = std::chrono::seconds{1};

}  // namespace

redis_store::redis_store(const configuration& how, const named_files& files)
    : how_{how},
      password_{files.redis_password.content},
      guard_{how.redis.genesis, how.redis.fenced_ids, random_seed()},
      new_ids_{new_id_settings_of(how), random_seed()} {
  if (how.redis.target.tls)
    tls_ = redis::make_tls_context(files.tls());
}

std::string redis_store::note() const {
  return text("counters live in Redis at ", place_of(how_.redis.target),
              how_.redis.guarantee == redis_guarantee::exact
                  ? ", each turn exactly once"
                  : ", fast: a lost answer loses its turns, counted");
}

std::unique_ptr<counter_backend> redis_store::make_backend(net::event_loop& loop,
                                                           store_observer& events,
                                                           std::uint32_t worker) {
  const std::string name = text("turnomatic-", host_name(), '-', ::getpid(), '-', worker);
  auto made = std::make_unique<redis::redis_backend>(
      redis::redis_backend::dependencies{loop, guard_, events, tls_.get(), &new_ids_}, how_,
      password_, name);
  lanes_.push_back({&loop, made.get()});
  made->begin();
  return made;
}

std::unique_ptr<administrator> redis_store::make_administrator(net::event_loop& loop) {
  return std::make_unique<redis_administrator>(loop, lanes_, guard_);
}

void redis_store::apply(const configuration& how) {
  new_ids_.apply(new_id_settings_of(how));
  for (const redis_lane& each : lanes_)
    boost::asio::post(each.loop->io, [backend = each.backend, how] { backend->apply(how); });
}

std::size_t redis_store::under_way() const {
  std::size_t sum = 0;
  for (const auto& each : lanes_)
    sum += each.backend->status().under_way.load();
  return sum;
}

bool redis_store::shedding(time_point now) const noexcept {
  return std::ranges::any_of(lanes_, [now](const redis_lane& each) {
    const auto at = each.backend->status().shed_at.load(std::memory_order_relaxed);
    return now - time_point{duration{at}} < shedding_lasts;
  });
}

redis_view redis_store::view(time_point now) const {
  constexpr auto relaxed = std::memory_order_relaxed;
  redis_view seen;
  seen.workers = lanes_.size();
  for (const redis_lane& each : lanes_) {
    const redis::store_status& status = each.backend->status();
    const breaker_state state = status.breaker.load(relaxed);
    ++seen.breakers[index_of(state)];
    seen.lanes_open += status.lane_open.load(relaxed) ? 1U : 0U;
    const call_counts calls{.calls = status.calls.load(relaxed),
                            .failures = status.failures.load(relaxed),
                            .slow = status.slow.load(relaxed)};
    seen.failure_percent = std::max(seen.failure_percent, calls.failure_percent());
    seen.slow_percent = std::max(seen.slow_percent, calls.slow_percent());
    seen.openings += status.openings.load(relaxed);
    if (state == breaker_state::open || state == breaker_state::half_open)
      seen.opening = {.why = status.last_opening.load(relaxed),
                      .calls = calls,
                      .failed_in_a_row = status.failed_in_a_row.load(relaxed)};
    if (state == breaker_state::open) {
      const duration left = time_point{duration{status.may_close_at.load(relaxed)}} - now;
      const duration sooner = std::min(seen.next_probe.value_or(duration::max()), left);
      seen.next_probe = std::max(sooner, duration::zero());
    }
    seen.waiting += status.waiting.load(relaxed);
    seen.waiting_limit += status.waiting_limit.load(relaxed);
    seen.shed += status.shed.load(relaxed);
    seen.under_way += status.under_way.load(relaxed);
    seen.under_way_limit += status.under_way_limit.load(relaxed);
  }
  seen.shedding = shedding(now);
  if (seen.lanes_open < seen.workers) {
    seen.trouble = guard_.trouble();
    seen.connecting =
        seen.trouble.empty() && now.time_since_epoch().count() < connected_by_.load(relaxed);
  }
  seen.loss = guard_.loss();
  seen.behind = guard_.behind();
  seen.losses = guard_.losses();
  seen.fences = guard_.fences.size();
  return seen;
}

std::optional<readiness> redis_store::unready() const {
  if (guard_.halted())
    return readiness{readiness_state::unsafe_to_count, "the store has lost its counters"};
  if (!guard_.known())
    return readiness{readiness_state::starting, "the store has not been reached yet"};
  // A full queue is none: the store that is too slow is the store of all instances.
  return std::nullopt;
}

void redis_store::append_health(std::vector<health_check>& checks) const {
  app::append_health(view(clock::now()), checks);
}

void redis_store::assess(time_point now, const noter& note) {
  // From when the workers run: a start with many ids to make room for takes its time.
  if (connected_by_.load() == std::numeric_limits<duration::rep>::max())
    connected_by_.store((now + how_.redis.connect_timeout).time_since_epoch().count());
  app::assess(view(now), note);
}

void redis_store::sample(telemetry::instance_state& state) const {
  state.store = app::sample(view(clock::now()));
  state.new_ids = refusals_of(new_ids_);
}

}  // namespace turnomatic::app
