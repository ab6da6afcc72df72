#include "model/store_world.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <stdexcept>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

constexpr duration grace = 1s;
constexpr std::string_view shared_key = "k";
constexpr const char* turns_key = "t:{0}:turns";
constexpr const char* store_key = "t:{0}:store";

// Nothing but the events moves these lanes: no stall, no refresh, no breaker, and a new connection
// after a millisecond.
shard_bench::settings bench_settings(const store_world::settings& how) {
  shard_bench::settings made;
  made.tuning.connection = {.set_up_timeout = 1h, .stall_timeout = 1h, .reconnect = {1ms, 1ms}};
  made.tuning.entry = {.on_loss = how.on_loss,
                       .refresh_interval = how.refreshes ? duration{40ms} : duration{1h},
                       .recovery_grace = grace};
  made.tuning.replicas.replicas = how.replicated ? how.acknowledging : 0;
  made.breaker.consecutive_failures = 0;
  made.breaker.minimum_calls = 1'000'000'000;
  return made;
}

}  // namespace

struct store_world::instance {
  explicit instance(const store_guard::settings& how) : guard{how} {}

  store_guard guard;
  std::deque<shard_bench> lanes;
};

std::string store_world::twin_tokens::draw(std::size_t which) {
  std::deque<std::string>& mine = drawn[which];
  if (mine.empty()) {
    mine.push_back(shop.draw());
    if (alike)
      drawn[1 - which].push_back(mine.back());
  }
  std::string token = std::move(mine.front());
  mine.pop_front();
  return token;
}

store_world::store_world(const settings& how) : settings_{how}, twins_{shop, how.clones} {
  if (settings_.replicated)
    shop.store.config.replicas = 1;
  if (settings_.leave_out)
    settings_.leave_out(shop.store);
  if (settings_.clones)
    start_with_shadow();
  while (instances_.size() < settings_.instances) {
    add_instance([this] { return shop.draw(); });
    for (shard_bench& each : instances_.back()->lanes)
      each.connect();
  }
  first_ = saved_ = shop.store.save();
  shop.store.config.replicas_keep_up = false;
  replicate();
  first_id_ = shop.store.store_field("id");
}

store_world::~store_world() = default;

store_world::instance& store_world::add_instance(const token_source& draw,
                                                 const std::string& pinned) {
  store_guard::settings guard = shop.guard_settings(pinned);
  guard.draw_token = draw;
  instance& made = *instances_.emplace_back(std::make_unique<instance>(guard));
  shard_bench::settings bench = bench_settings(settings_);
  bench.draw = draw;
  for (std::size_t i = 0; i < settings_.lanes; ++i)
    lanes_.push_back(&made.lanes.emplace_back(shop, made.guard, bench));
  return made;
}

void store_world::start_with_shadow() {
  add_instance([this] { return twins_.draw(0); });
  add_instance([this] { return twins_.draw(1); });
  shadow_ = std::move(instances_.back());
  instances_.pop_back();
  lanes_.pop_back();
  reconnect(0);
  while (!lanes_[0]->counts()) {
    if (!lanes_[0]->execute())
      deliver(0);
  }
}

// ---- events

bool store_world::can_happen(step next) const {
  const shard_bench& lane = *lanes_[next.lane];
  const bool connected = lane.link.now() == fake_connection::state::open;
  switch (next.happening) {
    case event::execute:
      return lane.link.live.has_commands();
    case event::deliver:
      return !lane.link.live.to_shard.empty();
    case event::cut:
      return connected;
    case event::ghost:
      return !lane.link.ghosts.empty();
    case event::ghost_two:
      return lane.link.ghosts.size() > 1;
    case event::reconnect:
      return !connected;
    case event::expire:
      return next.lane < shop.store.lane_records().size();
    case event::set:
      return lane.tested.is_connected() && !exchanged_;
    case event::join:
      return next.lane == 0 && instances_.size() < settings_.instances_max && !exchanged_;
    case event::clone:
      return next.lane == 0 && shadow_;
    case event::spoil:
      return next.lane == 0 && !spoilt_;
    case event::mend:
      return next.lane == 0 && spoilt_;
    case event::find_again:
    case event::put_back:
      return next.lane == 0 && exchanged_;
    case event::look:
    case event::exchange:
    case event::save:
    case event::restore:
    case event::restore_first:
    case event::demote:
      return next.lane == 0 && !exchanged_;
    case event::moment:
    case event::grace:
    case event::restart:
      return next.lane == 0;
    case event::replicate:
    case event::fail_over:
      return next.lane == 0 && settings_.replicated;
    case event::take_a:
    case event::take_b:
    case event::take_key:
      break;
  }
  return true;
}

shard_bench* store_world::shadow_of(std::size_t lane) const {
  return lane == 0 && shadow_ ? &shadow_->lanes.front() : nullptr;
}

void store_world::take(std::size_t lane, std::string_view id, std::string_view key) {
  for (shard_bench* const each : {lanes_[lane], shadow_of(lane)}) {
    if (each == nullptr)
      continue;
    if (key.empty())
      each->ask(id, 1, 24h);
    else
      each->ask_with_key(id, key, 24h);
  }
}

void store_world::deliver(std::size_t lane) {
  const std::string bytes = lanes_[lane]->link.live.to_shard.front();
  lanes_[lane]->deliver();
  if (shard_bench* const shadow = shadow_of(lane))
    shadow->deliver_bytes(bytes);
}

void store_world::cut(std::size_t lane) {
  lanes_[lane]->cut();
  if (shard_bench* const shadow = shadow_of(lane))
    shadow->cut();
}

void store_world::reconnect(std::size_t lane) {
  shard_bench* const shadow = shadow_of(lane);
  shard_bench& one = *lanes_[lane];
  if (shadow == nullptr)
    return one.open_connection();
  one.begin_to_connect();
  shadow->begin_to_connect();
  while (one.link.now() == fake_connection::state::open && !one.tested.is_connected()) {
    if (one.execute())
      continue;
    if (one.link.live.to_shard.empty())
      return;
    deliver(lane);
  }
}

void store_world::restart(const memory_redis::snapshot& as) {
  lossy_ = true;  // what was sent before and was not executed may have been, and counts as burned
  shop.store.restart_with(as);
  for (shard_bench* const each : lanes_) {
    if (settings_.ghosts_survive)
      each->link.haunt();
    else
      each->link.ghosts.clear();
    each->link.live.dead = true;
  }
}

void store_world::replicate() {
  replica_ = shop.store.save();
  shop.store.replicate();
}

void store_world::quietly_become(const memory_redis::snapshot& older) {
  lossy_ = true;
  if (settings_.instances_max > 1)
    tolerate();
  shop.store.be_replica_and_primary_again(older);
}

// Both are as the one was; the connection stays with the one.
void store_world::clone() {
  lossy_ = true;  // both may count the same turns as burned
  shard_bench& copy = shadow_->lanes.front();
  copy_ = &copy;
  copied_requests_ = copy.requests.size();
  copy.events.told.clear();
  lanes_.push_back(&copy);
  instances_.push_back(std::move(shadow_));
  twins_.alike = false;
  twins_.drawn = {};
  copy.link.live.dead = true;
}

void store_world::set(shard_bench& through) {
  lossy_ = true;
  set_ += 2;
  std::string command;
  const bucket_keys keys{"t", 0};
  append_script(
      command, script_id::set_turn, std::array<std::string_view, 2>{keys.store(), keys.turns()},
      std::array<std::string_view, 5>{shop.store.store_field("id"), "a", std::to_string(seen_ + 2),
                                      std::to_string(seen_), "force"});
  (void)through.tested.query(
      command, 1, [](const reply*) {}, shop.now);
}

void store_world::exchange() {
  lossy_ = true;
  exchanged_ = shop.store.save();
  const std::string run = shop.store.store_field("run");
  shop.store.flush_all();
  shop.store.command({"HSET", store_key, "format", store_format, "id", "other", "buckets", "1",
                      "state", "ready", "run", run, "token", "other"});
}

void store_world::find_again() {
  restart(*std::exchange(exchanged_, std::nullopt));
}

void store_world::spoil() {
  const auto held = shop.store.command({"HGET", turns_key, "b"});
  spoilt_ = held.text;
  shop.store.command({"HSET", turns_key, "b", "rubbish"});
}

void store_world::mend() {
  if (spoilt_->empty())
    shop.store.command({"HDEL", turns_key, "b"});
  else
    shop.store.command({"HSET", turns_key, "b", *spoilt_});
  spoilt_.reset();
}

// As if a lane had ended its old connection when another one of its instance has.
void store_world::report_too_early() {
  for (const auto& each : instances_) {
    for (std::size_t lane = 0; lane < each->lanes.size(); ++lane) {
      if (each->guard.found_by(lane) == standing::unknown)
        each->guard.post(lane, each->guard.run_number(), standing::in_place);
    }
  }
}

void store_world::happens(step next) {
  if (!settings_.clock_stands_still)
    shop.now += 1ns;
  if (settings_.reports_too_early)
    report_too_early();
  do_happen(next);
  note_unheard();
  if (shard_bench* const shadow = shadow_of(0))
    shadow->link.live.to_store.clear();  // it has no connection of its own
}

void store_world::note_unheard() {
  const std::string unheard = shop.store.store_field("unheard");
  if (!unheard.empty() && unheard != " ")
    tolerate();
}

void store_world::do_happen(step next) {
  shard_bench& lane = *lanes_[next.lane];
  switch (next.happening) {
    case event::take_a:
      return take(next.lane, "a");
    case event::take_b:
      return take(next.lane, "b");
    case event::take_key:
      return take(next.lane, "a", shared_key);
    case event::execute:
      lane.execute();
      return;
    case event::deliver:
      return deliver(next.lane);
    case event::cut:
      return cut(next.lane);
    case event::ghost:
      lane.ghost_executes(0);
      return;
    case event::ghost_two:
      lane.ghost_executes(1);
      return;
    case event::reconnect:
      return reconnect(next.lane);
    case event::moment:
      return shop.pass(21ms);
    case event::grace:
      return shop.pass(grace);
    case event::save:
      saved_ = shop.store.save();
      return;
    case event::restart:
      return restart(shop.store.save());
    case event::restore:
      return restart(saved_);
    case event::restore_first:
      return restart(first_);
    case event::demote:
      return quietly_become(saved_);
    case event::join:
      add_instance([this] { return shop.draw(); }, first_id_);
      return;
    case event::expire:
      lossy_ = true;
      return shop.store.expire_key(shop.store.lane_records()[next.lane]);
    case event::clone:
      return clone();
    case event::spoil:
      return spoil();
    case event::mend:
      return mend();
    case event::look:
      seen_ = shop.store.turn("a");
      return;
    case event::set:
      return set(lane);
    case event::exchange:
      return exchange();
    case event::find_again:
      return find_again();
    case event::put_back:
      exchanged_.reset();
      return quietly_become(saved_);
    case event::replicate:
      return replicate();
    case event::fail_over:
      return restart(replica_);
  }
}

bool store_world::comes_to_rest(bool ghosts_first) {
  shadow_.reset();
  shop.store.config.replicas_keep_up = true;
  if (exchanged_)
    find_again();
  if (spoilt_)
    mend();
  if (ghosts_first)
    run_ghosts();
  constexpr int rounds_max = 400;
  for (int round = 0; round < rounds_max; ++round) {
    go_on();
    if (is_at_rest())
      break;
    shop.pass(21ms);
  }
  if (!is_at_rest())
    return false;
  run_ghosts();
  return true;
}

}  // namespace turnomatic::redis
