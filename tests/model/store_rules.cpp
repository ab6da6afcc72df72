// How all comes to rest, and what must hold then.
#include "model/store_world.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace turnomatic::redis {
namespace {

struct handed_out {
  std::uint64_t turn;
  std::uint64_t began;
  std::uint64_t ended;
};

}  // namespace

void store_world::run_ghosts() {
  for (shard_bench* const each : lanes_) {
    while (each->ghost_executes()) {
    }
    each->link.ghosts.clear();
  }
}

bool store_world::is_at_rest() const {
  return std::ranges::all_of(lanes_, [](const shard_bench* each) {
    return each->counts() && each->waiting.idle() && each->tested.under_way() == 0 &&
           !each->link.live.has_commands() && each->link.live.to_shard.empty();
  });
}

// Everybody connects, and says and hears all that there is.
void store_world::go_on() {
  for (shard_bench* const each : lanes_) {
    if (each->link.live.dead && each->link.now() == fake_connection::state::open)
      each->cut();
    each->open_connection();
  }
  for (shard_bench* const each : lanes_) {
    while (each->execute() || each->deliver())
      note_unheard();
  }
}

// ---- what must hold then

void store_world::look_at_requests(const std::function<void(const request&)>& look) const {
  for (const shard_bench* const lane : lanes_) {
    for (std::size_t i = 0; i < lane->requests.size(); ++i) {
      const bool is_copied = lane == copy_ && i < copied_requests_;
      if (!is_copied || lane->requests[i].range() != lanes_.front()->requests[i].range())
        look(lane->requests[i]);
    }
  }
}

std::map<std::uint64_t, int> store_world::turns_of(std::string_view id) const {
  std::map<std::uint64_t, int> times;
  look_at_requests([&](const request& each) {
    const turn_range range = each.range();
    for (std::uint64_t i = 0; each.id->text() == id && i < range.count && !range.known; ++i)
      ++times[range.first + i];
  });
  return times;
}

std::string store_world::duplicate_of(std::string_view id) const {
  for (const auto& [turn, count] : turns_of(id)) {
    if (count > 1)
      return std::string{id} + ": turn " + std::to_string(turn) + " was handed out twice";
  }
  return {};
}

std::string store_world::broken_account_of(std::string_view id) const {
  std::uint64_t burned = set_;
  for (const shard_bench* const lane : lanes_)
    burned += lane->events.burned_of(id, settings_.unheard);
  const std::map<std::uint64_t, int> times = turns_of(id);
  const std::uint64_t last =
      std::max(shop.store.turn(id), times.empty() ? 0 : times.rbegin()->first);
  const std::uint64_t gaps = last - times.size();
  if (gaps > burned)
    return std::string{id} + ": " + std::to_string(gaps) + " of " + std::to_string(last) +
           " turns are gaps, burned: " + std::to_string(burned);
  if (!lossy_ && burned != gaps)
    return std::string{id} + ": burned " + std::to_string(burned) + ", but gaps are " +
           std::to_string(gaps);
  return {};
}

std::string store_world::broken_order_of(std::string_view id) const {
  std::vector<handed_out> all;
  look_at_requests([&](const request& each) {
    if (each.id->text() == id && each.range().count > 0 && !each.range().known)
      all.push_back({each.range().first, each.began, each.ended});
  });
  std::ranges::sort(all, {}, &handed_out::ended);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      if (all[j].began > all[i].ended && all[j].turn < all[i].turn)
        return std::string{id} + ": turn " + std::to_string(all[j].turn) + " was asked for after " +
               std::to_string(all[i].turn) + " was handed out";
    }
  }
  return {};
}

// What was taken under a key belongs to those who use the key.
std::string store_world::broken_key_of(std::string_view id) const {
  std::set<std::uint64_t> without;
  std::set<std::uint64_t> known;
  look_at_requests([&](const request& each) {
    if (each.id->text() != id || each.range().count == 0)
      return;
    if (each.range().known)
      known.insert(each.range().first);
    else if (each.key.empty())
      without.insert(each.range().first);
  });
  for (const std::uint64_t turn : known) {
    if (without.contains(turn))
      return std::string{id} + ": turn " + std::to_string(turn) +
             " was handed out under a key and without one";
  }
  return {};
}

std::string store_world::repetition() const {
  std::string broken;
  for (const std::string_view id : {"a", "b"}) {
    for (const auto rule :
         {&store_world::duplicate_of, &store_world::broken_order_of, &store_world::broken_key_of}) {
      if (broken.empty())
        broken = (this->*rule)(id);
    }
  }
  return broken;
}

void store_world::tolerate() {
  if (settings_.replicated)
    return;
  if (!tolerant_)
    broken_before_ = repetition();
  tolerant_ = true;
}

std::string store_world::broken_rule() const {
  std::string broken;
  look_at_requests([&](const request& each) {
    if (each.completions != 1)
      broken = "a take was completed " + std::to_string(each.completions) + " times";
  });
  if (broken.empty())
    broken = tolerant_ ? broken_before_ : repetition();
  for (const std::string_view id : {"a", "b"}) {
    if (broken.empty() && !tolerant_)
      broken = broken_account_of(id);
  }
  return broken;
}

std::string store_world::broken_later() {
  if (!lossy_)
    return {};
  constexpr int refreshes_and_a_recovery = 100;
  for (int round = 0; round < refreshes_and_a_recovery; ++round) {
    shop.pass(std::chrono::milliseconds{21});
    go_on();
  }
  if (!comes_to_rest(false))
    return "somebody waits for ever, later on";
  std::map<std::string, std::uint64_t> highest;
  look_at_requests([&](const request& each) {
    if (each.range().count > 0) {
      std::uint64_t& known = highest[std::string{each.id->text()}];
      known = std::max(known, each.range().first + each.range().count - 1);
    }
  });
  std::string broken;
  // The first lane last: histories begin with what it loses.
  for (std::size_t lane = lanes_.size(); lane-- > 0;) {
    for (const char* const id : {"a", "b"}) {
      take(lane, id);
      if (!comes_to_rest(false))
        return "somebody waits for ever, later on";
      const turn_range got = lanes_[lane]->requests.back().range();
      if (got.count == 0)
        continue;
      if (got.first <= highest[id])
        broken = std::string{id} + ": turn " + std::to_string(got.first) +
                 " was handed out after " + std::to_string(highest[id]) + ", when all was over";
      highest[id] = std::max(highest[id], got.first);
    }
  }
  return broken;
}

}  // namespace turnomatic::redis
