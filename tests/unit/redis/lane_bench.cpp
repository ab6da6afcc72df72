#include "unit/redis/lane_bench.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace turnomatic::redis {

// ---- what the lanes have in common

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
  throw std::logic_error{"a lane wants to be woken at once, again and again"};
}

void workshop::crash(const model_store::snapshot& older) {
  store.restart_with(older);
  for (lane_bench* const each : benches) {
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

void request::complete(result_type what) noexcept {
  ++completions;
  outcome = what;
  ended = ++shop.moment;
  ended_at = shop.now;
}

std::optional<errc> request::error() const {
  if (!outcome || *outcome)
    return std::nullopt;
  return static_cast<errc>(outcome->error().value());
}

// ---- what a lane tells

std::size_t recording_store_observer::times(store_event what) const {
  return static_cast<std::size_t>(std::count_if(
      told.begin(), told.end(), [what](const auto& each) { return each.first == what; }));
}

std::string recording_store_observer::detail(store_event what) const {
  const auto found = std::find_if(told.rbegin(), told.rend(),
                                  [what](const auto& each) { return each.first == what; });
  return found == told.rend() ? std::string{} : found->second;
}

std::uint64_t recording_store_observer::all_burned() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : burned)
    sum += count;
  return sum;
}

// ---- connections

void wire::open() {
  EXPECT_EQ(state_, state::closed);
  ++openings;
  state_ = state::opening;
}

void wire::accept() {
  state_ = state::open;
  live = {};
  reader.emplace();
}

void wire::close() noexcept {
  if (state_ == state::open && live.has_commands())
    ghosts.push_back(std::move(live));
  live = {};
  output_.clear();
  state_ = state::closed;
}

void wire::write() {
  EXPECT_EQ(state_, state::open) << "written to no connection";
  live.to_store += output_;
  output_.clear();
}

// ---- one lane

lane_bench::lane_bench(workshop& in, const settings& how)
    : shop{in},
      guard{how.guard ? *how.guard : in.guard},
      waiting{how.queue, 1},
      breaker{how.breaker, 1, in.now},
      tested{{link, waiting, breaker, guard, events, how.new_ids},
             how.tuning,
             {.prefix = "t",
              .lane = "lane" + std::to_string(in.benches.size() + 1),
              .memos_per_counter = how.memos,
              .on_loss = how.tuning.on_loss},
             [&] {
               greeting::settings greet = how.greet;
               if (!greet.draw_genesis)
                 greet.draw_genesis = [&in] { return "genesis" + std::to_string(++in.drawn); };
               if (greet.client_name.empty())
                 greet.client_name = "bench";
               return greet;
             }(),
             static_cast<std::uint32_t>(in.benches.size() + 1),
             in.now},
      fast_{how.tuning.guarantee == redis_guarantee::fast} {
  shop.benches.push_back(this);
}

lane_bench::~lane_bench() {
  std::erase(shop.benches, this);
}

// As redis_backend::start does it.
std::optional<errc> lane_bench::refusal(const request& what) const {
  if (what.deadline <= shop.now)
    return errc::deadline_passed;
  if (guard.halted())
    return errc::store_behind;
  if (fast_ && guard.is_behind(what.id->text()))
    return errc::store_behind;
  if (!breaker.allows())
    return errc::breaker_open;
  return std::nullopt;
}

request& lane_bench::ask(std::string_view id, std::uint32_t turns, duration within) {
  return begin(requests.emplace_back(shop, id, turns, within));
}

request& lane_bench::ask_once(std::string_view id, std::string_view key, duration within) {
  request& made = requests.emplace_back(shop, id, 1, within);
  made.once = key;
  return begin(made);
}

request& lane_bench::begin(request& made) {
  if (const auto why = refusal(made))
    made.complete(*why);
  else if (!waiting.enqueue(made))
    made.complete(errc::overloaded);
  else
    tested.pump(shop.now);
  return made;
}

void lane_bench::peek(peek_request& what) {
  tested.peek(what, shop.now);
  tested.pump(shop.now);
}

void lane_bench::ping(ping_request& what) {
  tested.ping(what, shop.now);
  tested.pump(shop.now);
}

void lane_bench::accept() {
  link.accept();
  tested.on_open(shop.now);
  tested.pump(shop.now);
}

void lane_bench::refuse(std::string_view why) {
  link.close();
  tested.on_closed(why, shop.now);
  tested.pump(shop.now);
}

void lane_bench::open_connection() {
  for (int tries = 0; tries < 100 && link.now() == wire::state::closed; ++tries)
    shop.pass_to(std::max(shop.now, tested.wake_at()));
  if (link.now() == wire::state::opening)
    accept();
}

void lane_bench::connect() {
  for (int steps = 0; steps < 1000 && !counts(); ++steps) {
    if (link.now() != wire::state::open)
      open_connection();
    else if (!execute() && !deliver())
      shop.pass_to(std::max(shop.now, tested.wake_at()));
  }
  EXPECT_TRUE(counts()) << "does not come to count";
}

void lane_bench::cut() {
  link.close();
  tested.on_closed("cut", shop.now);
  tested.pump(shop.now);
}

bool lane_bench::execute() {
  if (!link.live.has_commands())
    return false;
  wire::connection& on = link.live;
  std::string_view rest = std::string_view{on.to_store}.substr(on.executed);
  auto reply = shop.store.execute(rest, on.as);
  if (!reply)
    return false;
  on.executed = on.to_store.size() - rest.size();
  if (rest.empty()) {
    on.to_store.clear();
    on.executed = 0;
  }
  on.to_lane.push_back(std::move(*reply));
  return true;
}

bool lane_bench::deliver() {
  if (link.live.to_lane.empty())
    return false;
  const std::string bytes = std::move(link.live.to_lane.front());
  link.live.to_lane.pop_front();
  deliver_bytes(bytes);
  return true;
}

void lane_bench::deliver_bytes(std::string_view bytes) {
  const int connection = link.openings;
  link.reader->feed(bytes);
  while (const reply* const next = link.reader->next()) {
    tested.on_reply(*next, shop.now);
    if (connection != link.openings || link.now() != wire::state::open)
      break;  // the lane has had enough of this connection
  }
  if (link.now() == wire::state::open && link.reader->broken())
    return cut();
  tested.pump(shop.now);
}

void lane_bench::exchange() {
  while (execute() || deliver()) {
  }
}

bool lane_bench::ghost_executes(std::size_t which) {
  if (which >= link.ghosts.size())
    return false;
  wire::connection& ghost = link.ghosts[which];
  std::string_view rest = std::string_view{ghost.to_store}.substr(ghost.executed);
  const bool executed = shop.store.execute(rest, ghost.as).has_value();
  ghost.executed = ghost.to_store.size() - rest.size();
  if (!executed || !ghost.has_commands())
    link.ghosts.erase(link.ghosts.begin() + static_cast<std::ptrdiff_t>(which));
  return executed;
}

}  // namespace turnomatic::redis
