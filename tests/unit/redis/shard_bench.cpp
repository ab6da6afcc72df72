#include "unit/redis/shard_bench.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace turnomatic::redis {

// ---- what the shards have in common

void workshop::pass_to(time_point when) {
  constexpr int looks_max = 100;  // at one moment
  for (int looks = 0; looks < looks_max; ++looks) {
    const auto next = std::min_element(
        benches.begin(), benches.end(),
        [](const auto* a, const auto* b) { return a->tested.wake_at() < b->tested.wake_at(); });
    if (next == benches.end() || (*next)->tested.wake_at() > when) {
      now = std::max(now, when);
      return;
    }
    if ((*next)->tested.wake_at() > now) {
      now = (*next)->tested.wake_at();
      looks = 0;
    }
    (*next)->tested.tick(now);
  }
  throw std::logic_error{"a shard wants to be woken at once, again and again"};
}

store_guard::settings workshop::guard_settings(std::string pinned) {
  return {.pinned_store_id = std::move(pinned),
          .instance = "i",
          .marked_ids = std::size_t{64} * 64,
          .seed = 1,
          .draw_token = [this] { return draw(); }};
}

void workshop::go_on(duration time) {
  for (const time_point end = now + time; now < end;) {
    pass(std::min<duration>(std::chrono::milliseconds{10}, end - now));
    for (shard_bench* const each : benches)
      each->exchange();
  }
}

void workshop::crash(const memory_redis::snapshot& older) {
  store.restart_with(older);
  for (shard_bench* const each : benches) {
    each->link.live.dead = true;
    each->link.ghosts.clear();
  }
}

// ---- requests

request::request(workshop& in, std::string_view name, std::uint32_t turns, duration within)
    : shop{in}, began{++in.moment} {
  id = counter_id::from_text(name);
  count = turns;
  deadline = in.now + within;
}

void request::complete(result_type result) noexcept {
  ++completions;
  outcome = result;
  ended = ++shop.moment;
  ended_at = shop.now;
}

std::optional<errc> request::error() const {
  if (!outcome || *outcome)
    return std::nullopt;
  return static_cast<errc>(outcome->error().value());
}

// ---- what a shard tells

std::size_t recording_store_observer::times(store_event event) const {
  return static_cast<std::size_t>(std::count_if(
      told.begin(), told.end(), [event](const auto& each) { return each.first == event; }));
}

std::string recording_store_observer::detail(store_event event) const {
  const auto found = std::find_if(told.rbegin(), told.rend(),
                                  [event](const auto& each) { return each.first == event; });
  return found == told.rend() ? std::string{} : found->second;
}

std::uint64_t recording_store_observer::burned_of(std::string_view id,
                                                  std::string_view unheard) const {
  std::uint64_t sum = 0;
  for (const auto& [event, detail] : told) {
    if (event != store_event::turns_burned || (!unheard.empty() && detail.ends_with(unheard)))
      continue;
    const std::size_t number = detail.find(": ") + 2;
    const std::size_t name = detail.find(" of ") + 4;
    if (detail.substr(name, detail.find(',') - name) == id)
      sum += std::stoull(detail.substr(number));
  }
  return sum;
}

std::uint64_t recording_store_observer::all_burned() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : burned)
    sum += count;
  return sum;
}

// ---- connections

void fake_connection::open() {
  EXPECT_EQ(state_, state::closed);
  ++openings;
  state_ = state::opening;
}

void fake_connection::accept() {
  state_ = state::open;
  live = {};
  reader.emplace();
}

void fake_connection::haunt() {
  if (!live.has_commands())
    return;
  ghosts.push_back(
      {.to_store = live.to_store.substr(live.executed), .to_shard = {}, .as = live.as});
  live.to_store.clear();
  live.executed = 0;
}

void fake_connection::close() noexcept {
  if (state_ == state::open && live.has_commands())
    ghosts.push_back(std::move(live));
  live = {};
  output_.clear();
  state_ = state::closed;
}

void fake_connection::write() {
  EXPECT_EQ(state_, state::open) << "written to no connection";
  live.to_store += output_;
  output_.clear();
}

// ---- one shard

shard_bench::shard_bench(workshop& in, store_guard& instance, const settings& how)
    : shop{in},
      guard{instance},
      waiting{how.queue, 1},
      breaker{how.breaker, 1, in.now},
      tested{{link, waiting, breaker, guard, events, how.new_ids, how.wake},
             how.tuning,
             {.prefix = "t",
              .database = how.database,
              .client_name = "bench",
              .user = how.user,
              .primary = how.primary},
             how.draw ? how.draw : token_source{[&in] { return in.draw(); }},
             static_cast<std::uint32_t>(in.benches.size() + 1),
             in.now} {
  link.log_in_with(how.password);
  shop.benches.push_back(this);
}

shard_bench::~shard_bench() {
  std::erase(shop.benches, this);
}

// As redis_backend::start does it.
std::optional<errc> shard_bench::refusal(const request& of) const {
  if (of.deadline <= shop.now)
    return errc::deadline_passed;
  if (tested.sees_wrong_store())
    return errc::store_behind;
  if (!breaker.allows())
    return errc::breaker_open;
  return std::nullopt;
}

request& shard_bench::ask(std::string_view id, std::uint32_t turns, duration within) {
  return begin(requests.emplace_back(shop, id, turns, within));
}

request& shard_bench::ask_with_key(std::string_view id, std::string_view key, duration within) {
  request& made = requests.emplace_back(shop, id, 1, within);
  made.key = key;
  return begin(made);
}

request& shard_bench::begin(request& made) {
  if (const auto why = refusal(made))
    made.complete(*why);
  else if (!waiting.enqueue(made))
    made.complete(errc::overloaded);
  else
    tested.pump(shop.now);
  return made;
}

void shard_bench::accept() {
  link.accept();
  tested.on_open(shop.now);
  tested.pump(shop.now);
}

void shard_bench::refuse(std::string_view why) {
  link.close();
  tested.on_closed(why, shop.now);
  tested.pump(shop.now);
}

void shard_bench::begin_to_connect() {
  for (int tries = 0; tries < 100 && link.now() == fake_connection::state::closed; ++tries)
    shop.pass_to(std::max(shop.now, tested.wake_at()));
  if (link.now() == fake_connection::state::opening)
    accept();
}

void shard_bench::open_connection() {
  begin_to_connect();
  while (link.now() == fake_connection::state::open && !tested.is_connected()) {
    if (!execute() && !deliver())
      return;
  }
}

void shard_bench::connect() {
  for (int steps = 0; steps < 1000 && !counts(); ++steps) {
    if (link.now() != fake_connection::state::open)
      begin_to_connect();
    else if (!execute() && !deliver())
      shop.pass_to(std::max(shop.now, tested.wake_at()));
  }
  EXPECT_TRUE(counts()) << "does not come to count";
}

void shard_bench::cut() {
  link.close();
  tested.on_closed("cut", shop.now);
  tested.pump(shop.now);
}

bool shard_bench::execute() {
  if (!link.live.has_commands())
    return false;
  fake_connection::stream& on = link.live;
  std::string_view rest = std::string_view{on.to_store}.substr(on.executed);
  auto reply = shop.store.execute(rest, on.as);
  if (!reply)
    return false;
  on.executed = on.to_store.size() - rest.size();
  if (rest.empty()) {
    on.to_store.clear();
    on.executed = 0;
  }
  on.to_shard.push_back(std::move(*reply));
  return true;
}

bool shard_bench::deliver() {
  if (link.live.to_shard.empty())
    return false;
  const std::string bytes = std::move(link.live.to_shard.front());
  link.live.to_shard.pop_front();
  deliver_bytes(bytes);
  return true;
}

void shard_bench::deliver_bytes(std::string_view bytes) {
  const int opening = link.openings;
  link.reader->feed(bytes);
  while (const reply* const next = link.reader->next()) {
    tested.on_reply(*next, shop.now);
    if (opening != link.openings || link.now() != fake_connection::state::open)
      break;  // the shard has had enough of this connection
  }
  if (link.now() == fake_connection::state::open && link.reader->broken())
    return cut();
  tested.pump(shop.now);
}

void shard_bench::exchange() {
  while (execute() || deliver()) {
  }
}

bool shard_bench::ghost_executes(std::size_t which) {
  if (which >= link.ghosts.size())
    return false;
  fake_connection::stream& ghost = link.ghosts[which];
  std::string_view rest = std::string_view{ghost.to_store}.substr(ghost.executed);
  const bool executed = shop.store.execute(rest, ghost.as).has_value();
  ghost.executed = ghost.to_store.size() - rest.size();
  if (!executed || !ghost.has_commands())
    link.ghosts.erase(link.ghosts.begin() + static_cast<std::ptrdiff_t>(which));
  return executed;
}

}  // namespace turnomatic::redis
