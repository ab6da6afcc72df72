#include "app/redis_store.hpp"

#include "app/text.hpp"
#include "backend/redis/endpoint/make_endpoint.hpp"
#include "backend/redis/settings.hpp"
#include "core/joined.hpp"
#include "core/random.hpp"
#include "telemetry/log.hpp"

#include <boost/asio/post.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace turnomatic::app {
namespace {

std::string place_of(const redis_target& target) {
  if (!target.unix_path.empty())
    return target.unix_path;
  std::vector<std::string> hosts;
  hosts.reserve(target.hosts.size());
  for (const redis_host& each : target.hosts)
    hosts.push_back(to_string(each));
  const std::string all = joined(hosts, ", ");
  return target.topology == redis_topology::sentinel
             ? text(target.primary, " of the sentinels ", all)
             : all;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

constexpr std::string_view shard = "0";  // one Redis is one shard

// Of requests that found a queue full.
constexpr duration shedding_lasts = std::chrono::seconds{1};

}  // namespace

redis_store::redis_store(const configuration& how, const named_files& files)
    : initial_{how},
      credentials_{how, files},
      guard_{{.pinned_store_id = how.redis.store_id,
              .instance = host_name(),
              .marked_ids = how.redis.marked_ids,
              .seed = random_seed(),
              .draw_token = random_token}},
      acknowledging_replicas_{redis::acknowledging_replicas_of(how)},
      new_ids_{new_id_settings_of(how), random_seed()} {}

std::string redis_store::note() const {
  return text("counters live in Redis at ", place_of(initial_.redis.target),
              ", each turn exactly once");
}

std::unique_ptr<counter_backend> redis_store::make_backend(net::event_loop& loop,
                                                           store_observer& events,
                                                           std::uint32_t worker) {
  const std::string name = text("turnomatic-", host_name(), '-', ::getpid(), '-', worker);
  auto made = std::make_unique<redis::redis_backend>(
      redis::redis_backend::dependencies{loop, guard_, events, credentials_, &new_ids_},
      redis::make_endpoint(loop, initial_, credentials_.of_sentinels()), initial_, name);
  lanes_.push_back({&loop, made.get()});
  made->begin();
  return made;
}

std::unique_ptr<administrator> redis_store::make_administrator(net::event_loop& loop) {
  return std::make_unique<redis_administrator>(loop, lanes_, guard_);
}

void redis_store::apply(const configuration& how) {
  new_ids_.apply(new_id_settings_of(how));
  acknowledging_replicas_.store(redis::acknowledging_replicas_of(how), std::memory_order_relaxed);
  (void)credentials_.read();  // says what has changed, though no connection may be due for long
  for (const redis_lane& each : lanes_)
    boost::asio::post(each.loop->io, [backend = each.backend, how] { backend->apply(how); });
}

std::size_t redis_store::under_way() const {
  std::size_t sum = 0;
  for (const auto& each : lanes_)
    sum += each.backend->status().under_way.load();
  return sum;
}

// Each member of a status is read by itself, so two of them may be of different moments.
void redis_store::read_lanes(store_reading& into, time_point now) const {
  constexpr auto relaxed = std::memory_order_relaxed;
  telemetry::store_state& numbers = into.numbers;
  numbers.lanes = lanes_.size();
  for (const redis_lane& each : lanes_) {
    const redis::store_status& status = each.backend->status();
    const breaker_state state = status.breaker.load(relaxed);
    ++numbers.breakers[index_of(state)];
    const bool counting = status.counting.load(relaxed);
    numbers.lanes_counting += counting ? 1U : 0U;
    numbers.lanes_connected += counting || status.connected.load(relaxed) ? 1U : 0U;
    const call_counts calls{.calls = status.window.calls.load(relaxed),
                            .failures = status.window.failures.load(relaxed),
                            .slow = status.window.slow.load(relaxed)};
    numbers.failure_percent = std::max(numbers.failure_percent, calls.failure_percent());
    numbers.slow_percent = std::max(numbers.slow_percent, calls.slow_percent());
    into.openings += status.openings.load(relaxed);
    if (state == breaker_state::open || state == breaker_state::half_open)
      into.opening = {.why = status.last_opening.load(relaxed),
                      .calls = calls,
                      .failed_in_a_row = status.window.failed_in_a_row.load(relaxed)};
    if (state == breaker_state::open) {
      const duration left = time_point{duration{status.may_close_at.load(relaxed)}} - now;
      const duration sooner = std::min(numbers.next_probe.value_or(duration::max()), left);
      numbers.next_probe = std::max(sooner, duration::zero());
    }
    numbers.waiting += status.waiting.load(relaxed);
    numbers.waiting_limit += status.waiting_limit.load(relaxed);
    numbers.shed += status.shed.load(relaxed);
    numbers.under_way += status.under_way.load(relaxed);
    into.lanes_lacking_replicas += status.lacks_replicas.load(relaxed) ? 1U : 0U;
    into.shedding |= now - time_point{duration{status.shed_at.load(relaxed)}} < shedding_lasts;
  }
}

store_reading redis_store::read(time_point now) const {
  store_reading seen;
  seen.numbers.shard = shard;
  read_lanes(seen, now);
  const redis::store_notes::page notes = guard_.notes.read();
  if (seen.numbers.lanes_connected < seen.numbers.lanes) {
    seen.trouble = notes.trouble;
    seen.connecting = seen.trouble.empty() && now.time_since_epoch().count() <
                                                  connected_by_.load(std::memory_order_relaxed);
  }
  seen.loss = guard_.loss();
  seen.behind = guard_.halted.list();
  if (const auto since = guard_.recovering_since()) {
    seen.closed_for = std::max(now - *since, duration::zero());
    seen.awaited = names_in(notes.awaited);
  }
  seen.unheard = names_in(notes.unheard);
  seen.server = notes.server;
  seen.acknowledging_replicas = acknowledging_replicas_.load(std::memory_order_relaxed);
  if (asks_sentinels())
    seen.place = place_of(initial_.redis.target);
  seen.numbers.halted = seen.loss != redis::store_loss::none;
  seen.numbers.recovering = seen.closed_for.has_value();
  seen.numbers.unheard_instances = seen.unheard.size();
  seen.numbers.counters_behind = seen.behind.size();
  seen.numbers.losses = notes.losses;
  seen.numbers.marked_ids = guard_.marks.size();
  return seen;
}

// A store that is closed makes nobody unready: it is the store of all instances, and opens sooner
// than a balancer has noticed. Nor does a full queue: the store that is too slow is theirs as well.
std::optional<readiness> redis_store::unready() const {
  if (guard_.loss() != redis::store_loss::none)
    return readiness{readiness_state::unsafe_to_count, "the store has lost its counters"};
  if (guard_.is_known())
    return std::nullopt;
  const std::string trouble = guard_.notes.read().trouble;
  const std::string whom =
      asks_sentinels() ? text("the store (", place_of(initial_.redis.target), ')') : "the store";
  return readiness{readiness_state::starting,
                   trouble.empty() ? whom + " has not been reached yet"
                                   : text("no turn can be taken from ", whom, " yet: ", trouble)};
}

bool redis_store::asks_sentinels() const noexcept {
  return initial_.redis.target.topology == redis_topology::sentinel;
}

void redis_store::append_health(std::vector<health_check>& checks) const {
  app::append_health(read(clock::now()), checks);
}

void redis_store::assess(time_point now, const noter& note) {
  // From when the workers run: a start with many ids to make room for takes its time.
  if (connected_by_.load() == std::numeric_limits<duration::rep>::max())
    connected_by_.store((now + initial_.redis.connect_timeout).time_since_epoch().count());
  const store_reading seen = read(now);
  log_server(seen.server);
  app::assess(seen, note);
  const std::string trouble = credentials_.trouble();
  note(!trouble.empty(), "store_files_unusable", trouble,
       "connections are made with what the files held before");
}

// At the start, and when another server or another configuration of it was met.
void redis_store::log_server(const redis::server_info& server) {
  if (server.version.empty())
    return;
  std::string said = text(server.product, ' ', server.version);
  std::vector<std::string> doubts = redis::doubts_about(server);
  for (std::string& each : redis::doubts_about_replicas(server, acknowledging_replicas_.load()))
    doubts.push_back(std::move(each));
  std::string all = said + server.place.address;
  for (const std::string& each : doubts)
    all += each;
  if (std::exchange(server_logged_, all) == all)
    return;
  log::info("store server",
            {{"server", said}, {"address", server.place.address}, {"store_id", guard_.store_id()}});
  for (const std::string& each : doubts)
    log::warn("store server", {{"doubt", each}});
}

void redis_store::sample(telemetry::instance_state& state) const {
  state.store = read(clock::now()).numbers;
  state.new_ids = refusals_of(new_ids_);
}

}  // namespace turnomatic::app
