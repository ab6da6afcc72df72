#include "app/redis_store.hpp"

#include "app/random.hpp"
#include "app/secret_file.hpp"
#include "backend/redis/tls_stream.hpp"

#include <boost/asio/post.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace turnomatic::app {
namespace {

constexpr std::string_view shard = "0";  // one Redis is one shard

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

bool refuses(breaker_state state) {
  return state == breaker_state::open || state == breaker_state::half_open ||
         state == breaker_state::forced_open;
}

}  // namespace

redis_store::redis_store(const configuration& how)
    : how_{how}, guard_{how.redis.genesis, how.redis.fenced_ids, random_seed()} {
  if (!how.redis.password_file.empty())
    password_ = read_secret(how.redis.password_file, "password");
  if (how.redis.target.tls)
    tls_ = redis::make_tls_context(
        {how.redis.tls_ca_file, how.redis.tls_cert_file, how.redis.tls_key_file});
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
      redis::redis_backend::dependencies{loop, guard_, events, tls_.get()}, how_, password_, name);
  lanes_.push_back({&loop, made.get()});
  made->begin();
  return made;
}

std::unique_ptr<administrator> redis_store::make_administrator(net::event_loop& loop) {
  return std::make_unique<redis_administrator>(loop, lanes_, guard_);
}

void redis_store::apply(const configuration& how) {
  how_ = how;
  for (const redis_lane& each : lanes_)
    boost::asio::post(each.loop->io, [backend = each.backend, how] { backend->apply(how); });
}

std::size_t redis_store::open_lanes() const {
  return static_cast<std::size_t>(std::count_if(
      lanes_.begin(), lanes_.end(),
      [](const redis_lane& each) { return each.backend->status().lane_open.load(); }));
}

std::size_t redis_store::open_breakers() const {
  return static_cast<std::size_t>(std::count_if(
      lanes_.begin(), lanes_.end(),
      [](const redis_lane& each) { return refuses(each.backend->status().breaker.load()); }));
}

std::size_t redis_store::under_way() const {
  std::size_t sum = 0;
  for (const auto& each : lanes_)
    sum += each.backend->status().under_way.load();
  return sum;
}

// The worst of the workers.
redis_store::call_rates redis_store::worst_rates() const {
  call_rates worst{};
  for (const redis_lane& each : lanes_) {
    const auto& status = each.backend->status();
    worst.failure_percent = std::max(worst.failure_percent, status.failure_percent.load());
    worst.slow_percent = std::max(worst.slow_percent, status.slow_percent.load());
  }
  return worst;
}

duration redis_store::next_probe() const {
  const time_point now = clock::now();
  duration next = duration::max();
  for (const redis_lane& each : lanes_) {
    const auto& status = each.backend->status();
    if (refuses(status.breaker.load()))
      next = std::min(next, time_point{duration{status.may_close_at.load()}} - now);
  }
  return next == duration::max() ? duration::zero() : std::max(next, duration::zero());
}

// "2 of 4 workers refuse calls to Redis, the next probe in 120 ms; 60 % of calls failed, ...".
std::string redis_store::breaker_text() const {
  const call_rates rates = worst_rates();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(next_probe());
  return text(open_breakers(), " of ", lanes_.size(),
              " workers refuse calls to Redis, the next probe in ", ms.count(), " ms; ",
              rates.failure_percent, " % of calls failed, ", rates.slow_percent, " % were slow");
}

std::optional<std::string> redis_store::unready() const {
  if (guard_.halted())
    return "unsafe to count: the store has lost its counters";
  if (!guard_.known())
    return "starting: the store has not been reached yet";
  return std::nullopt;
}

void redis_store::append_health(std::vector<health_check>& checks) const {
  health_check connection{"redis:connection",
                          "datastore",
                          health_status::pass,
                          static_cast<double>(open_lanes()),
                          "lanes",
                          {}};
  if (guard_.halted()) {
    connection.status = health_status::fail;
    connection.output = guard_.loss() == redis::store_loss::emptied
                            ? "the store has lost its genesis: it was emptied"
                            : "the store has another genesis: it was exchanged";
  } else if (open_lanes() < lanes_.size()) {
    connection.status = health_status::warn;
    connection.output = "some workers have no connection to Redis";
  }
  checks.push_back(std::move(connection));

  health_check breaker{"redis:circuit_breaker",
                       "component",
                       health_status::pass,
                       static_cast<double>(open_breakers()),
                       "open",
                       {}};
  if (open_breakers() > 0) {
    breaker.status = health_status::warn;
    breaker.output = breaker_text();
  }
  checks.push_back(std::move(breaker));

  const auto behind = guard_.behind();
  health_check counters{"redis:counters_behind",
                        "datastore",
                        health_status::pass,
                        static_cast<double>(behind.size()),
                        "ids",
                        {}};
  if (!behind.empty()) {
    counters.status = health_status::fail;
    counters.output =
        text("halted after a loss: ", behind.front().id, behind.size() > 1 ? " and others" : "");
  }
  checks.push_back(std::move(counters));
}

void redis_store::assess(const noter& note) const {
  note(guard_.loss() == redis::store_loss::emptied, "store_emptied",
       "the store has lost its genesis, and with it what was issued",
       "every turn is answered 503 until the store is restored or adopted");
  note(guard_.loss() == redis::store_loss::exchanged, "store_exchanged",
       "the store has another genesis than the one that was counted on",
       "every turn is answered 503 until the store is restored or adopted");
  note(!guard_.halted() && open_lanes() < lanes_.size(), "store_unreachable",
       text(open_lanes(), " of ", lanes_.size(), " workers are connected to Redis"),
       "requests wait within their deadline; connecting is tried again");
  note(open_breakers() > 0, "circuit_breaker_open", breaker_text(),
       "turns are answered 503 at once; probes find out when Redis is back");
  const auto behind = guard_.behind();
  note(!behind.empty(), "counters_behind",
       text(behind.size(), " counters were behind what had been issued",
            behind.empty() ? "" : ", the first: ", behind.empty() ? "" : behind.front().id),
       "these ids are answered 503 until an operator resumes them");
}

void redis_store::sample(telemetry::instance_state& state) const {
  telemetry::store_state& sampled = state.store.emplace();
  sampled.shard = shard;
  for (const redis_lane& each : lanes_) {
    const auto& status = each.backend->status();
    ++sampled.breakers[index_of(status.breaker.load())];
    ++(status.lane_open.load() ? sampled.lanes_open : sampled.lanes_down);
    sampled.waiting += status.waiting.load();
    sampled.under_way += status.under_way.load();
  }
  const call_rates rates = worst_rates();
  sampled.failure_ratio = rates.failure_percent / 100.0;
  sampled.slow_ratio = rates.slow_percent / 100.0;
  sampled.next_probe = next_probe();
  sampled.waiting_limit = std::uint64_t{how_.redis.queue_max} * lanes_.size();
  sampled.halted = guard_.halted();
  sampled.counters_behind = guard_.behind().size();
  sampled.losses = guard_.losses();
  sampled.fences = guard_.fences.size();
}

}  // namespace turnomatic::app
