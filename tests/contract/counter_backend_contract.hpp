// What every backend must do. A backend's test file defines how to get one and instantiates
// the suite: INSTANTIATE_TYPED_TEST_SUITE_P(name, counter_backend_contract, its_fixture).
#pragma once

#include <turnomatic/counter_backend.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::contract {

/// Holds its outcome, whether it came at once or later.
class waiting_take : public take_operation {
 public:
  void complete(result_type outcome) noexcept override {
    ++completions;
    result = outcome;
  }

  std::optional<result_type> result;
  int completions{0};
};

/// A Fixture offers:
///   std::unique_ptr<counter_backend> open_worker();   one worker's access, any thread
///   void run_until(counter_backend&, Predicate done); lets I/O happen until done()
///   void set_last_turn(const counter_id&, std::uint64_t); arranges the state
///   std::uint64_t last_turn(counter_backend&, const counter_id&); as an operator sees it
template <class Fixture>
class counter_backend_contract : public testing::Test {
 protected:
  static counter_id id(const std::string& text) { return *counter_id::from_text(text); }

  take_operation::result_type run(counter_backend& backend, waiting_take& op,
                                  time_point now = clock::now()) {
    if (auto at_once = backend.start(op, now)) {
      EXPECT_EQ(op.completions, 0) << "completed from within start";
      return *at_once;
    }
    fixture.run_until(backend, [&op] { return op.result.has_value(); });
    EXPECT_EQ(op.completions, 1);
    return *op.result;
  }

  take_operation::result_type take(counter_backend& backend, const counter_id& of,
                                   std::uint32_t count = 1) {
    waiting_take op;
    op.id = of;
    op.count = count;
    op.deadline = clock::now() + std::chrono::seconds{5};
    return run(backend, op);
  }

  take_operation::result_type take_once(counter_backend& backend, const counter_id& of,
                                        std::string_view key, std::uint32_t count = 1) {
    waiting_take op;
    op.id = of;
    op.count = count;
    op.key = key;
    op.deadline = clock::now() + std::chrono::seconds{5};
    return run(backend, op);
  }

  Fixture fixture;
};

TYPED_TEST_SUITE_P(counter_backend_contract);

TYPED_TEST_P(counter_backend_contract, begins_at_1_and_counts_by_1) {
  const auto worker = this->fixture.open_worker();
  for (std::uint64_t turn = 1; turn <= 100; ++turn)
    EXPECT_EQ(this->take(*worker, this->id("a")).value(), (turn_range{turn, 1}));
}

TYPED_TEST_P(counter_backend_contract, counts_each_id_by_itself) {
  const auto worker = this->fixture.open_worker();
  this->take(*worker, this->id("a"), 7).value();
  EXPECT_EQ(this->take(*worker, this->id("b")).value(), (turn_range{1, 1}));
  EXPECT_EQ(this->take(*worker, this->id("A")).value(), (turn_range{1, 1}));
  EXPECT_EQ(this->take(*worker, this->id("a")).value(), (turn_range{8, 1}));
}

TYPED_TEST_P(counter_backend_contract, takes_a_range_of_consecutive_turns) {
  const auto worker = this->fixture.open_worker();
  EXPECT_EQ(this->take(*worker, this->id("a"), 5).value(), (turn_range{1, 5}));
  EXPECT_EQ(this->take(*worker, this->id("a"), take_operation::count_max).value(),
            (turn_range{6, take_operation::count_max}));
  EXPECT_EQ(this->take(*worker, this->id("a")).value().first, take_operation::count_max + 6);
}

TYPED_TEST_P(counter_backend_contract, shares_its_counters_between_workers) {
  const auto first = this->fixture.open_worker();
  const auto second = this->fixture.open_worker();
  EXPECT_EQ(this->take(*first, this->id("a")).value().first, 1U);
  EXPECT_EQ(this->take(*second, this->id("a")).value().first, 2U);
  EXPECT_EQ(this->take(*first, this->id("a")).value().first, 3U);
}

TYPED_TEST_P(counter_backend_contract, hands_out_the_last_turn_and_then_stays_there) {
  const auto worker = this->fixture.open_worker();
  this->fixture.set_last_turn(this->id("a"), turn_max - 1);
  EXPECT_EQ(this->take(*worker, this->id("a")).value(), (turn_range{turn_max, 1}));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(this->take(*worker, this->id("a")).error(), errc::counter_exhausted);
  EXPECT_EQ(this->fixture.last_turn(*worker, this->id("a")), turn_max);
}

TYPED_TEST_P(counter_backend_contract, shortens_a_range_that_crosses_the_end) {
  const auto worker = this->fixture.open_worker();
  this->fixture.set_last_turn(this->id("a"), turn_max - 3);
  EXPECT_EQ(this->take(*worker, this->id("a"), 10).value(), (turn_range{turn_max - 2, 3}));
  EXPECT_EQ(this->take(*worker, this->id("a"), 10).error(), errc::counter_exhausted);
  EXPECT_EQ(this->fixture.last_turn(*worker, this->id("a")), turn_max);
}

TYPED_TEST_P(counter_backend_contract, changes_nothing_when_it_expects_a_take) {
  const auto worker = this->fixture.open_worker();
  worker->expect(this->id("a"));
  EXPECT_EQ(this->fixture.last_turn(*worker, this->id("a")), 0U);
  this->take(*worker, this->id("a"), 3).value();
  worker->expect(this->id("a"));
  EXPECT_EQ(this->fixture.last_turn(*worker, this->id("a")), 3U);
}

TYPED_TEST_P(counter_backend_contract, takes_nothing_after_the_deadline) {
  const auto worker = this->fixture.open_worker();
  const time_point now = clock::now();
  waiting_take op;
  op.id = this->id("a");
  op.deadline = now;
  EXPECT_EQ(this->run(*worker, op, now).error(), errc::deadline_passed);
  EXPECT_EQ(this->fixture.last_turn(*worker, this->id("a")), 0U);
}

TYPED_TEST_P(counter_backend_contract, gives_the_same_turns_for_the_same_key_and_says_so) {
  const auto first = this->fixture.open_worker();
  const auto second = this->fixture.open_worker();
  EXPECT_EQ(this->take_once(*first, this->id("a"), "k").value(), (turn_range{1, 1}));
  EXPECT_EQ(this->take(*first, this->id("a")).value(), (turn_range{2, 1}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(this->take_once(*first, this->id("a"), "k").value(), (turn_range{1, 1, true}));
    EXPECT_EQ(this->take_once(*second, this->id("a"), "k").value(), (turn_range{1, 1, true}));
  }
  EXPECT_EQ(this->take(*second, this->id("a")).value(), (turn_range{3, 1}));
  EXPECT_EQ(this->take_once(*second, this->id("a"), "many", 5).value(), (turn_range{4, 5}));
  EXPECT_EQ(this->take_once(*first, this->id("a"), "many", 5).value(), (turn_range{4, 5, true}));
}

TYPED_TEST_P(counter_backend_contract, knows_a_key_by_its_id_too) {
  const auto worker = this->fixture.open_worker();
  EXPECT_EQ(this->take_once(*worker, this->id("a"), "k").value(), (turn_range{1, 1}));
  EXPECT_EQ(this->take_once(*worker, this->id("b"), "k").value(), (turn_range{1, 1}));
  EXPECT_EQ(this->take_once(*worker, this->id("a"), "K").value(), (turn_range{2, 1}));
  EXPECT_EQ(this->take_once(*worker, this->id("a"), "k:a").value(), (turn_range{3, 1}));
  const std::string longest(take_operation::key_size_max, 'k');
  EXPECT_EQ(this->take_once(*worker, this->id("a"), longest).value(), (turn_range{4, 1}));
  EXPECT_EQ(this->take_once(*worker, this->id("a"), longest).value(), (turn_range{4, 1, true}));
}

TYPED_TEST_P(counter_backend_contract, remembers_no_refusal_under_a_key) {
  const auto worker = this->fixture.open_worker();
  this->fixture.set_last_turn(this->id("a"), turn_max);
  EXPECT_EQ(this->take_once(*worker, this->id("a"), "k").error(), errc::counter_exhausted);
  this->fixture.set_last_turn(this->id("a"), turn_max - 1);
  EXPECT_EQ(this->take_once(*worker, this->id("a"), "k").value(), (turn_range{turn_max, 1}));
  EXPECT_EQ(this->take_once(*worker, this->id("a"), "k").value(), (turn_range{turn_max, 1, true}));
}

TYPED_TEST_P(counter_backend_contract, takes_once_however_many_ask_under_one_key) {
  constexpr int threads = 4;
  constexpr int keys = 500;
  std::vector<std::vector<std::uint64_t>> got(threads);
  std::vector<std::thread> running;
  for (auto& mine : got) {
    running.emplace_back([this, &mine] {
      const auto worker = this->fixture.open_worker();
      for (int i = 0; i < keys; ++i)
        mine.push_back(
            this->take_once(*worker, this->id("a"), "k" + std::to_string(i)).value().first);
    });
  }
  for (std::thread& each : running)
    each.join();
  for (const auto& mine : got)
    EXPECT_EQ(mine, got.front());
  const auto worker = this->fixture.open_worker();
  EXPECT_EQ(this->fixture.last_turn(*worker, this->id("a")), std::uint64_t{keys});
}

TYPED_TEST_P(counter_backend_contract, takes_the_longest_id) {
  const auto worker = this->fixture.open_worker();
  const std::string longest(counter_id::size_max, 'z');
  const std::string neighbour = longest.substr(1) + "y";
  EXPECT_EQ(this->take(*worker, this->id(longest)).value().first, 1U);
  EXPECT_EQ(this->take(*worker, this->id(neighbour)).value().first, 1U);
  EXPECT_EQ(this->take(*worker, this->id(longest)).value().first, 2U);
}

TYPED_TEST_P(counter_backend_contract, is_unique_consecutive_and_ordered_over_threads) {
  constexpr int threads = 4;
  constexpr int ids = 8;
  constexpr int takes = 20'000;
  // By thread and id, the turns in the order in which the thread got them.
  std::vector<std::vector<std::vector<std::uint64_t>>> taken(
      threads, std::vector<std::vector<std::uint64_t>>(ids));
  std::vector<std::thread> running;
  for (std::size_t t = 0; t < threads; ++t) {
    running.emplace_back([this, &mine = taken[t]] {
      const auto worker = this->fixture.open_worker();
      for (int i = 0; i < takes; ++i) {
        const auto which = static_cast<std::size_t>(i % ids);
        const auto range = this->take(*worker, this->id("id" + std::to_string(which)),
                                      1 + static_cast<std::uint32_t>(i % 3));
        for (std::uint64_t k = 0; k < range.value().count; ++k)
          mine[which].push_back(range->first + k);
      }
    });
  }
  for (std::thread& each : running)
    each.join();

  for (std::size_t which = 0; which < ids; ++which) {
    std::vector<std::uint64_t> all;
    for (const auto& of_thread : taken) {
      EXPECT_TRUE(std::is_sorted(of_thread[which].begin(), of_thread[which].end()));
      all.insert(all.end(), of_thread[which].begin(), of_thread[which].end());
    }
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); ++i)
      ASSERT_EQ(all[i], i + 1);
  }
}

REGISTER_TYPED_TEST_SUITE_P(
    counter_backend_contract, begins_at_1_and_counts_by_1, counts_each_id_by_itself,
    takes_a_range_of_consecutive_turns, shares_its_counters_between_workers,
    hands_out_the_last_turn_and_then_stays_there, shortens_a_range_that_crosses_the_end,
    changes_nothing_when_it_expects_a_take, takes_nothing_after_the_deadline,
    gives_the_same_turns_for_the_same_key_and_says_so, knows_a_key_by_its_id_too,
    remembers_no_refusal_under_a_key, takes_once_however_many_ask_under_one_key,
    takes_the_longest_id, is_unique_consecutive_and_ordered_over_threads);

}  // namespace turnomatic::contract
