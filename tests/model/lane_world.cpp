#include "model/lane_world.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 2> ids{"a", "b"};

// Nothing but the events moves these lanes: no stall, no ping, no breaker, and a new connection
// after a millisecond.
lane_bench::settings settings_of(const lane_world::settings& how, store_guard* guard) {
  lane_bench::settings made;
  made.guard = guard;
  made.tuning.connect_timeout = 1h;
  made.tuning.stall_timeout = 1h;
  made.tuning.ping_interval = 1h;
  made.tuning.reconnect = {1ms, 1ms};
  made.tuning.pipeline_max = 16;
  made.tuning.on_loss = how.on_loss;
  made.breaker.consecutive_failures = 0;
  made.breaker.minimum_calls = 1'000'000'000;
  made.memos = how.memos;
  return made;
}

}  // namespace

std::string text_of(const std::vector<step>& steps) {
  std::string text;
  for (const step& each : steps) {
    text += text.empty() ? "" : ", ";
    text += event_names[static_cast<std::size_t>(each.what)];
    text += " @" + std::to_string(each.lane);
  }
  return text;
}

unsigned look_further() {
  const char* const text = std::getenv("TURNOMATIC_LOOK_FURTHER");
  return text == nullptr ? 0 : static_cast<unsigned>(std::atoi(text));
}

// A counter's hash holds a memo a lane and at most three other fields.
lane_world::lane_world(const settings& how)
    : how_{how}, drops_memos_{how.memos < how.lanes + 3}, gives_twice_{how.apart && how.losses} {
  for (std::size_t i = 0; i < how.lanes; ++i) {
    store_guard* const own = how.apart ? &guards.emplace_back("", 64 * 64, 1) : nullptr;
    lanes.emplace_back(shop, settings_of(how, own)).connect();
  }
  begin_anew();
}

void lane_world::begin_anew() {
  for (const std::string_view id : ids) {
    shop.store.erase(id);
    for (const lane_bench& each : lanes)
      each.guard.fences.forget(*counter_id::from_text(id));
  }
  shop.store.forget_taken();
  lost_ = false;
  shop.moment = 0;
  for (lane_bench& each : lanes) {
    each.requests.clear();
    each.link.ghosts.clear();
    each.events.burned = {};
    each.events.told.clear();
    each.events.failures.clear();
  }
  if (how_.losses)
    saved_ = shop.store.save();
}

// ---- events

bool lane_world::can_happen(step what) const {
  const lane_bench& at = lanes[what.lane];
  const bool connected = at.link.now() == wire::state::open;
  switch (what.what) {
    case event::ask_a:
    case event::ask_b:
      return true;
    case event::execute:
      return at.link.live.has_commands();
    case event::deliver:
      return !at.link.live.to_lane.empty();
    case event::cut:
      return connected;
    case event::ghost:
      return !at.link.ghosts.empty();
    case event::ghost_two:
      return at.link.ghosts.size() > 1;
    case event::reconnect:
      return !connected && !shop.store.is_ill() && !is_emptied();
    case event::time:
      return next_deadline() != time_point::max();
    case event::greet:
      return how_.trouble && !connected;
    case event::functions_lost:
      return how_.trouble && shop.store.has_library();
    case event::ill:
      return how_.trouble;
    case event::well:
      return shop.store.is_ill();
    case event::save:
    case event::emptied:
      return how_.losses && !is_emptied();
    case event::crash:
      return how_.losses;
    case event::resumed:
      return shop.store.halted(ids[0]) || shop.store.halted(ids[1]);
  }
  return false;
}

void lane_world::happens(step what) {
  switch (what.what) {
    case event::ask_a:
    case event::ask_b: {
      // No two deadlines are the same.
      const duration within = 1s + 10ms * static_cast<long>(shop.moment);
      lanes[what.lane].ask(ids[what.what == event::ask_a ? 0 : 1], 1, within);
      return;
    }
    case event::time:
      shop.pass_to(next_deadline() + 5ms);  // a lane looks no more often
      return;
    case event::execute:
    case event::deliver:
    case event::cut:
    case event::ghost:
    case event::ghost_two:
    case event::reconnect:
    case event::greet:
      return moves(what);
    case event::functions_lost:
    case event::ill:
    case event::well:
      return fails(what);
    case event::save:
    case event::crash:
    case event::emptied:
    case event::resumed:
      return is_lost(what);
  }
}

void lane_world::moves(step what) {
  lane_bench& at = lanes[what.lane];
  switch (what.what) {
    case event::execute:
      at.execute();
      return;
    case event::deliver:
      at.deliver();
      return;
    case event::cut:
      at.cut();
      return;
    case event::ghost:
      at.ghost_executes(0);
      return;
    case event::ghost_two:
      at.ghost_executes(1);
      return;
    case event::reconnect:
      at.connect();
      return;
    default:
      at.open_connection();
      return;
  }
}

void lane_world::fails(step what) {
  constexpr std::array moods{model_store::mood::read_only, model_store::mood::full,
                             model_store::mood::busy, model_store::mood::loading};
  switch (what.what) {
    case event::functions_lost:
      return shop.store.flush_functions();
    case event::ill:
      return shop.store.set_mood(moods[static_cast<std::size_t>(illness_++) % moods.size()]);
    default:
      return shop.store.set_mood(model_store::mood::well);
  }
}

void lane_world::is_lost(step what) {
  switch (what.what) {
    case event::save:
      saved_ = shop.store.save();
      return;
    case event::crash:
      lost_ = true;
      return shop.crash(saved_);
    case event::emptied:
      lost_ = true;
      return shop.store.flush_all();
    default:
      for (const std::string_view id : ids)
        shop.store.resume(id);
      return;
  }
}

time_point lane_world::next_deadline() const {
  time_point next = time_point::max();
  for (const lane_bench& lane : lanes) {
    for (const request& each : lane.requests) {
      if (each.completions == 0)
        next = std::min(next, each.deadline);
    }
  }
  return next;
}

// ---- rest

std::size_t lane_world::ghosts() const {
  std::size_t sum = 0;
  for (const lane_bench& each : lanes)
    sum += each.link.ghosts.size();
  return sum;
}

bool lane_world::is_busy() const {
  return std::any_of(lanes.begin(), lanes.end(), [](const lane_bench& each) {
    return !each.waiting.idle() || each.tested.under_way() > 0;
  });
}

ghost_list lane_world::take_ghosts() {
  ghost_list all;
  for (lane_bench& each : lanes) {
    std::move(each.link.ghosts.begin(), each.link.ghosts.end(), std::back_inserter(all));
    each.link.ghosts.clear();
  }
  return all;
}

void lane_world::executes(wire::connection& ghost) {
  std::string_view rest = std::string_view{ghost.to_store}.substr(ghost.executed);
  while (shop.store.execute(rest, ghost.as)) {
  }
}

void lane_world::settles(bool late) {
  shop.store.set_mood(model_store::mood::well);
  if (is_emptied())
    shop.crash(saved_);  // an operator restores it
  while (late && next_deadline() != time_point::max())
    happens({event::time, 0});
  for (int rounds = 0; rounds < 10; ++rounds) {
    for (lane_bench& each : lanes) {
      if (each.link.live.dead)
        each.cut();
      if (!each.counts())
        each.connect();
    }
    for (lane_bench& each : lanes)
      each.exchange();
    if (!is_busy())
      return;
    shop.pass(20ms);  // a lane that was told "later" has paused
  }
}

// ---- what must hold

std::string lane_world::broken_rule() const {
  if (is_busy())
    return "something is still under way";
  for (const lane_bench& lane : lanes) {
    for (const request& each : lane.requests) {
      if (each.completions != 1)
        return "a request was completed " + std::to_string(each.completions) + " times";
      if (each.error() && !has_a_reason(each))
        return "a request failed without a reason";
    }
  }
  std::string broken = broken_account();
  return broken.empty() && !gives_twice_ ? broken_order() : broken;
}

bool lane_world::has_a_reason(const request& failed) const {
  switch (*failed.error()) {
    case errc::deadline_passed:
      return failed.ended_at >= failed.deadline;
    case errc::outcome_unknown:
      return failed.ended_at >= failed.deadline || drops_memos_ || lost_;
    case errc::unavailable:
    case errc::store_full:
      return how_.trouble;
    case errc::store_behind:
      return lost_;
    default:
      return false;
  }
}

// As operators are told.
std::uint64_t lane_world::burned_of(std::string_view id) const {
  const std::string of = " of " + std::string{id};
  std::uint64_t sum = 0;
  for (const lane_bench& lane : lanes) {
    for (const auto& [what, detail] : lane.events.told) {
      if (what == store_event::turns_burned && detail.ends_with(of))
        sum += std::stoull(detail.substr(detail.find(": ") + 2));
    }
  }
  return sum;
}

// Every number that the store has taken was given to one request or counted as burned.
std::string lane_world::broken_account_of(std::string_view id) const {
  std::vector<bool> belongs(shop.store.value(id) + 1, false);
  for (const lane_bench& lane : lanes) {
    for (const request& each : lane.requests) {
      const turn_range range = each.range();
      if (each.id->text() != id || range.count == 0)
        continue;
      for (std::uint64_t turn = range.first; turn < range.first + range.count; ++turn) {
        if (turn >= belongs.size())
          return "a number was given that the store has not taken";
        if (belongs[turn] && gives_twice_)
          return {};  // and who has it twice may have had another before
        if (belongs[turn])
          return "the number " + std::to_string(turn) + " was given twice";
        belongs[turn] = true;
      }
    }
  }
  const auto given = static_cast<std::uint64_t>(std::count(belongs.begin(), belongs.end(), true));
  if (given + burned_of(id) < shop.store.value(id))
    return "a number of " + std::string{id} + " was taken, not given and not counted";
  return {};
}

std::string lane_world::broken_account() const {
  for (const std::string_view id : ids) {
    if (std::string broken = broken_account_of(id); !broken.empty())
      return broken;
  }
  if (lost_)
    return {};  // what was counted may have been lost, and taken again
  std::uint64_t given = 0;
  for (const lane_bench& lane : lanes) {
    for (const request& each : lane.requests)
      given += each.range().count;
  }
  const std::uint64_t taken = shop.store.value(ids[0]) + shop.store.value(ids[1]);
  std::uint64_t burned = 0;
  std::uint64_t unknown = 0;
  std::uint64_t all_burned = 0;
  for (const lane_bench& lane : lanes) {
    burned += lane.burned(burn_reason::deadline);
    unknown += lane.burned(burn_reason::outcome_unknown);
    all_burned += lane.events.all_burned();
  }
  const auto broken = [&](std::string_view what) {
    return std::string{what} + ": " + std::to_string(taken) + " taken, " + std::to_string(given) +
           " given, " + std::to_string(burned) + " burned, " + std::to_string(unknown) + " unknown";
  };
  if (taken != shop.store.turns_taken())
    return broken("the counters are not where they were counted to");
  if (all_burned != burned + unknown)
    return broken("burned for a reason that there was not");
  if (unknown > 0 && !drops_memos_)
    return broken("an outcome is unknown although no memo was dropped");
  if (given + burned > taken)
    return broken("more was burned than taken");
  return {};
}

// Who asked after another was answered has the larger number.
std::string lane_world::broken_order() const {
  for (const lane_bench& lane : lanes) {
    for (const request& early : lane.requests) {
      const turn_range before = early.range();
      if (before.count == 0)
        continue;
      for (const lane_bench& other : lanes) {
        for (const request& later : other.requests) {
          const turn_range after = later.range();
          if (after.count > 0 && early.ended < later.began && *early.id == *later.id &&
              before.first + before.count > after.first)
            return "a later request has a smaller number";
        }
      }
    }
  }
  return {};
}

}  // namespace turnomatic::redis
