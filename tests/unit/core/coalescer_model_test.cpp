// Long random histories of a coalescer, beside one that is made of vectors and maps alone.
#include "unit/core/coalescer_fixture.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

constexpr coalescer::settings limits{.batch_max = 6, .queue_max = 30, .queue_max_per_id = 12};
// The longest batch has 3 + 5 bytes.
constexpr std::array<packet_limits, 4> packet_sizes{{{1, 100}, {3, 100}, {100, 100}, {100, 11}}};

/// What should become of takes, by the rules of coalescer.hpp and without its data structures.
class reference {
 public:
  using takes = std::vector<fake_take*>;
  struct ref_batch {
    std::string id;
    takes of;  // those that are waited for
    std::uint64_t turns;
    std::uint64_t client;
    std::string key;
  };
  using outcomes = std::map<fake_take*, take_operation::result_type>;

  bool enqueue(fake_take& op) {
    if (waiting_count() >= limits.queue_max || waiting_count(text(op)) >= limits.queue_max_per_id)
      return false;
    waiting_[text(op)].push_back(&op);
    make_ready(text(op));
    return true;
  }

  bool cancel(fake_take& op) {
    const bool held = drop(waiting_[text(op)], op) || drop(given_back_[text(op)], op);
    forget_if_empty(text(op));
    return held;
  }

  std::vector<ref_batch> fill(const packet_limits& within, time_point now, outcomes& told) {
    std::vector<ref_batch> unkeyed;
    std::vector<ref_batch> keyed;
    std::list<std::string> line{ready_};
    bool full = false;
    while (!line.empty() && !full) {
      const std::string id = line.front();
      line.pop_front();
      bool again = true;
      int added = 0;
      while (again && !waiting_[id].empty()) {
        fake_take& op = *waiting_[id].front();
        if (op.deadline <= now) {
          told.emplace(&op, errc::deadline_passed);
          waiting_[id].erase(waiting_[id].begin());
          continue;
        }
        const auto open = std::find_if(unkeyed.begin(), unkeyed.end(),
                                       [&](const ref_batch& each) { return each.id == id; });
        if (op.key.empty() && open != unkeyed.end()) {
          again = open->turns + op.count <= limits.batch_max;
          if (again)
            join(*open, op);
          continue;
        }
        if (added++ > 0) {
          line.push_back(id);
          break;
        }
        full = !has_room(unkeyed, keyed, within, op);
        again = !full && !(holds_key(keyed, op));
        if (!again)
          break;
        auto& kind = op.key.empty() ? unkeyed : keyed;
        kind.push_back({id, {}, 0, op.client, std::string{op.key}});
        join(kind.back(), op);
        under_way_.insert(id);
      }
    }
    for (const std::string& id : std::list<std::string>{ready_}) {
      if (under_way_.contains(id) || waiting_[id].empty())
        ready_.remove(id);
    }
    unkeyed.insert(unkeyed.end(), keyed.begin(), keyed.end());
    return unkeyed;
  }

  std::uint64_t settle(ref_batch& executed, turn_range range, outcomes& told) {
    for (fake_take* const op : executed.of) {
      const std::uint64_t share = std::min<std::uint64_t>(op->count, range.count);
      told.emplace(op, share == 0 ? take_operation::result_type{errc::counter_exhausted}
                                  : turn_range{range.first, share, range.known});
      range.first += share;
      range.count -= share;
    }
    end(executed);
    return range.known ? 0 : range.count;
  }
  void fail(ref_batch& failed, errc why, outcomes& told) {
    for (fake_take* const op : failed.of)
      told.emplace(op, why);
    end(failed);
  }
  void fail_client(ref_batch& failed, errc why, outcomes& told) {
    std::erase_if(failed.of, [&](fake_take* op) {
      return op->client == failed.client && told.emplace(op, why).second;
    });
    give_back(failed);
  }
  void give_back(ref_batch& unexecuted) {
    takes& to = given_back_[unexecuted.id];
    to.insert(to.end(), unexecuted.of.begin(), unexecuted.of.end());
    end(unexecuted);
  }

  void expire(time_point now, std::vector<ref_batch*> open, outcomes& told) {
    const auto sort_out = [&](takes& from, errc why) {
      std::erase_if(
          from, [&](fake_take* op) { return op->deadline <= now && told.emplace(op, why).second; });
    };
    for (auto* const of : {&waiting_, &given_back_}) {
      for (auto& [id, from] : *of) {
        sort_out(from, errc::deadline_passed);
        forget_if_empty(id);
      }
    }
    for (ref_batch* const each : open)
      sort_out(each->of, errc::outcome_unknown);
  }
  void fail_waiting(errc why, outcomes& told) {
    expire(time_point::max(), {}, told);
    for (auto& [op, outcome] : told)
      outcome = why;
  }

  [[nodiscard]] std::size_t waiting_count() const {
    std::size_t count = 0;
    for (const auto* const of : {&waiting_, &given_back_}) {
      for (const auto& [id, from] : *of)
        count += from.size();
    }
    return count;
  }
  [[nodiscard]] bool idle() const { return under_way_.empty() && waiting_count() == 0; }

 private:
  static std::string text(const fake_take& op) { return std::string{op.id->text()}; }
  static bool drop(takes& from, fake_take& op) { return std::erase(from, &op) > 0; }

  std::size_t waiting_count(const std::string& id) {
    return waiting_[id].size() + given_back_[id].size();
  }
  void make_ready(const std::string& id) {
    if (!under_way_.contains(id) && std::find(ready_.begin(), ready_.end(), id) == ready_.end())
      ready_.push_back(id);
  }
  void forget_if_empty(const std::string& id) {
    if (waiting_[id].empty())
      ready_.remove(id);
  }
  void join(ref_batch& open, fake_take& op) {
    open.of.push_back(&op);
    open.turns += op.count;
    drop(waiting_[open.id], op);
  }
  static bool has_room(const std::vector<ref_batch>& unkeyed, const std::vector<ref_batch>& keyed,
                       const packet_limits& within, const fake_take& op) {
    std::size_t bytes = op.id->text().size() + op.key.size();
    for (const auto* const of : {&unkeyed, &keyed}) {
      for (const ref_batch& each : *of)
        bytes += each.id.size() + each.key.size();
    }
    const std::size_t count = unkeyed.size() + keyed.size();
    return count == 0 || (count < within.batches_max && bytes <= within.bytes_max);
  }
  static bool holds_key(const std::vector<ref_batch>& keyed, const fake_take& op) {
    return std::any_of(keyed.begin(), keyed.end(), [&](const ref_batch& each) {
      return each.id == op.id->text() && each.key == op.key;
    });
  }
  void end(const ref_batch& ended) {
    under_way_.erase(under_way_.find(ended.id));
    if (under_way_.contains(ended.id))
      return;
    takes& first = given_back_[ended.id];
    takes& line = waiting_[ended.id];
    line.insert(line.begin(), first.begin(), first.end());
    first.clear();
    if (!line.empty())
      make_ready(ended.id);
  }

  std::map<std::string, takes> waiting_;
  std::map<std::string, takes> given_back_;
  std::multiset<std::string> under_way_;  // once for each batch
  std::list<std::string> ready_;
};

/// One history: two packets, a few ids, everything that an owner may do.
class history {
 public:
  explicit history(std::uint32_t seed) : random_{seed}, tested_{limits, seed} {}

  void step() {
    told_.clear();
    const std::size_t choice = draw(20);
    if (choice < 9)
      enqueue();
    else if (choice < 10)
      cancel();
    else if (choice < 13)
      fill();
    else if (choice < 18)
      end_some_batch();
    else if (choice < 19)
      expire();
    else if (draw(5) == 0)
      fail_waiting();
    compare();
  }

 private:
  struct journey {
    packet sent;
    std::vector<reference::ref_batch> expected;
    std::vector<std::size_t> open;  // indices
  };

  std::size_t draw(std::size_t below) { return random_() % below; }

  void enqueue() {
    static constexpr std::array<std::string_view, 4> ids{"a", "b", "c", "ddd"};
    static constexpr std::array<std::string_view, 3> keys{"k", "l", "mmmmm"};
    fake_take& made = takes_.emplace_back(ids[draw(ids.size())]);
    made.count = static_cast<std::uint32_t>(1 + draw(draw(10) == 0 ? 9 : 3));
    made.client = draw(3);
    made.deadline = now_ + std::chrono::milliseconds{draw(40)};
    if (draw(3) == 0)
      made.key = keys[draw(keys.size())];
    EXPECT_EQ(tested_.enqueue(made), expected_.enqueue(made));
  }
  void cancel() {
    if (takes_.empty())
      return;
    fake_take& any = takes_[takes_.size() - 1 - draw(std::min<std::size_t>(takes_.size(), 40))];
    EXPECT_EQ(tested_.cancel(any), expected_.cancel(any));
  }
  void fill() {
    journey& into = journeys_[draw(journeys_.size())];
    if (!into.open.empty())
      return;
    const packet_limits within = packet_sizes[draw(packet_sizes.size())];
    into.sent.clear();
    tested_.fill(into.sent, within, now_);
    into.expected = expected_.fill(within, now_, told_);
    ASSERT_EQ(into.sent.size(), into.expected.size());
    for (std::size_t i = 0; i < into.sent.size(); ++i) {
      const batch& made = into.sent[i];
      const reference::ref_batch& wanted = into.expected[i];
      EXPECT_EQ(std::tuple(made.id.text(), made.key, made.turns, made.client),
                std::tuple(std::string_view{wanted.id}, std::string_view{wanted.key}, wanted.turns,
                           wanted.client));
      into.open.push_back(i);
    }
  }
  void end_some_batch() {
    journey& of = journeys_[draw(journeys_.size())];
    if (of.open.empty())
      return;
    const std::size_t place = draw(of.open.size());
    const std::size_t index = of.open[place];
    of.open.erase(of.open.begin() + static_cast<std::ptrdiff_t>(place));
    batch& ended = of.sent[index];
    reference::ref_batch& expected = of.expected[index];
    switch (draw(6)) {
      case 0:
        tested_.give_back(ended);
        return expected_.give_back(expected);
      case 1:
        tested_.fail(ended, errc::store_full);
        return expected_.fail(expected, errc::store_full, told_);
      case 2:
        tested_.fail_client(ended, errc::too_many_new_ids, 1s);
        return expected_.fail_client(expected, errc::too_many_new_ids, told_);
      default:
        const turn_range range{1 + draw(1000), ended.turns - draw(2), draw(4) == 0};
        EXPECT_EQ(tested_.settle(ended, range), expected_.settle(expected, range, told_));
    }
  }
  void expire() {
    now_ += std::chrono::milliseconds{draw(20)};
    std::vector<reference::ref_batch*> open;
    for (journey& each : journeys_) {
      for (const std::size_t index : each.open)
        open.push_back(&each.expected[index]);
    }
    const std::size_t ended = tested_.expire(now_);
    expected_.expire(now_, open, told_);
    EXPECT_EQ(ended, told_.size());
  }
  void fail_waiting() {
    tested_.fail_waiting(errc::breaker_open);
    expected_.fail_waiting(errc::breaker_open, told_);
  }

  void compare() {
    for (const auto& [op, outcome] : told_) {
      ++completions_;
      ASSERT_EQ(op->completions, 1);
      ASSERT_TRUE(*op->outcome == outcome);
    }
    std::uint64_t completions = 0;
    time_point earliest = time_point::max();
    for (const fake_take& each : takes_) {
      completions += static_cast<std::uint64_t>(each.completions);
      if (each.is_linked())
        earliest = std::min(earliest, each.deadline);
    }
    ASSERT_EQ(completions, completions_) << "nobody else is told anything";
    ASSERT_LE(tested_.earliest_deadline(), earliest);
    ASSERT_EQ(tested_.waiting_count(), expected_.waiting_count());
    ASSERT_EQ(tested_.idle(), expected_.idle());
  }

  std::minstd_rand random_;
  time_point now_{1000s};
  std::deque<fake_take> takes_;
  std::array<journey, 2> journeys_;
  coalescer tested_;
  reference expected_;
  reference::outcomes told_;
  std::uint64_t completions_{0};
};

TEST(coalescer_model, does_what_a_naive_one_does) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    history random{seed};
    for (int step = 0; step < 300; ++step) {
      random.step();
      ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace turnomatic
