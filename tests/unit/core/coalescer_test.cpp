// Requests for one id share an increment; which, in what order, and what each of them gets.
#include "core/coalescer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};
constexpr coalescer::settings wide{.batch_max = 100, .queue_max = 1000, .queue_max_per_id = 1000};

struct request final : take_operation {
  request(std::string_view name, std::uint32_t turns, time_point until) {
    id = counter_id::from_text(name);
    count = turns;
    deadline = until;
  }
  void complete(result_type what) noexcept override {
    ++completions;
    outcome = what;
  }
  [[nodiscard]] turn_range range() const { return outcome && *outcome ? **outcome : turn_range{}; }
  [[nodiscard]] std::optional<errc> error() const {
    if (!outcome || *outcome)
      return {};
    return static_cast<errc>(outcome->error().value());
  }

  std::optional<result_type> outcome;
  int completions{0};
};

class requests {
 public:
  explicit requests(coalescer& into) : into_{into} {}
  ~requests() {
    for (const auto& each : all_)
      (void)into_.cancel(*each);
  }
  request& add(std::string_view id, std::uint32_t count = 1, time_point deadline = start + 1s) {
    all_.push_back(std::make_unique<request>(id, count, deadline));
    EXPECT_TRUE(into_.enqueue(*all_.back()));
    return *all_.back();
  }

 private:
  coalescer& into_;
  std::vector<std::unique_ptr<request>> all_;
};

TEST(coalescer, hands_the_turns_of_one_batch_out_in_the_order_of_arrival) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  request& first = waiting.add("a");
  request& second = waiting.add("a", 3);
  request& third = waiting.add("a");
  EXPECT_EQ(tested.waiting(), 3U);

  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(sent->id.text(), "a");
  EXPECT_EQ(sent->turns, 5U);
  EXPECT_EQ(tested.waiting(), 0U);
  EXPECT_EQ(tested.settle(*sent, {41, 5}), 0U);
  EXPECT_EQ(first.range(), (turn_range{41, 1}));
  EXPECT_EQ(second.range(), (turn_range{42, 3}));
  EXPECT_EQ(third.range(), (turn_range{45, 1}));
  EXPECT_TRUE(tested.idle());
}

TEST(coalescer, has_one_batch_of_an_id_under_way_and_forms_the_next_meanwhile) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  waiting.add("a");
  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  request& later = waiting.add("a");
  waiting.add("a");
  EXPECT_EQ(tested.next(start), nullptr);
  tested.settle(*sent, {1, 1});
  EXPECT_EQ(later.completions, 0);
  batch* const next = tested.next(start);
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->turns, 2U);
  tested.settle(*next, {2, 2});
  EXPECT_EQ(later.range(), (turn_range{2, 1}));
}

TEST(coalescer, serves_ids_in_turn) {
  coalescer tested{{.batch_max = 1, .queue_max = 100, .queue_max_per_id = 100}, 1};
  requests waiting{tested};
  for (int i = 0; i < 3; ++i)
    waiting.add("hot");
  waiting.add("cold");
  std::string order;
  while (batch* const sent = tested.next(start)) {
    order += sent->id.text()[0];
    tested.settle(*sent, {1, 1});
  }
  EXPECT_EQ(order, "hchh") << "a hot id does not hold up the others";
}

TEST(coalescer, bounds_a_batch_but_sends_a_large_request_alone) {
  coalescer tested{{.batch_max = 10, .queue_max = 100, .queue_max_per_id = 100}, 1};
  requests waiting{tested};
  waiting.add("a", 6);
  waiting.add("a", 4);
  waiting.add("a", 1);
  waiting.add("a", 50);
  std::vector<std::uint64_t> sizes;
  while (batch* const sent = tested.next(start)) {
    sizes.push_back(sent->turns);
    tested.settle(*sent, {1, sent->turns});
  }
  EXPECT_EQ(sizes, (std::vector<std::uint64_t>{10, 1, 50}));
}

TEST(coalescer, refuses_what_is_beyond_its_bounds) {
  coalescer tested{{.batch_max = 10, .queue_max = 3, .queue_max_per_id = 2}, 1};
  requests waiting{tested};
  request one_too_many{"a", 1, start + 1s};
  waiting.add("a");
  waiting.add("a");
  EXPECT_FALSE(tested.enqueue(one_too_many)) << "per id";
  waiting.add("b");
  request other{"c", 1, start + 1s};
  EXPECT_FALSE(tested.enqueue(other)) << "in all";
  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  EXPECT_TRUE(tested.enqueue(other)) << "what is under way does not wait";
  tested.settle(*sent, {1, 2});
  EXPECT_TRUE(tested.cancel(other));
}

TEST(coalescer, takes_no_turn_for_a_request_that_was_withdrawn_before_it_was_sent) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  request& gone = waiting.add("a");
  request& stays = waiting.add("a");
  EXPECT_TRUE(tested.cancel(gone));
  EXPECT_FALSE(tested.cancel(gone)) << "not held any more";
  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(sent->turns, 1U);
  EXPECT_FALSE(tested.cancel(stays)) << "under way";
  tested.settle(*sent, {1, 1});
  EXPECT_EQ(gone.completions, 0);
  EXPECT_EQ(stays.completions, 1);
}

TEST(coalescer, forgets_an_id_when_its_last_request_is_withdrawn) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  request& only = waiting.add("a");
  EXPECT_TRUE(tested.cancel(only));
  EXPECT_TRUE(tested.idle());
  EXPECT_EQ(tested.next(start), nullptr);
}

TEST(coalescer, takes_no_turn_for_a_request_whose_deadline_has_passed) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  request& late = waiting.add("a", 1, start);
  request& in_time = waiting.add("a", 1, start + 1ns);
  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(late.error(), errc::deadline_passed);
  EXPECT_EQ(sent->turns, 1U);
  tested.settle(*sent, {7, 1});
  EXPECT_EQ(in_time.range(), (turn_range{7, 1}));
}

TEST(coalescer, sends_nothing_if_all_who_waited_are_late) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  waiting.add("a", 1, start);
  waiting.add("b", 1, start);
  EXPECT_EQ(tested.next(start), nullptr);
  EXPECT_TRUE(tested.idle());
}

TEST(coalescer, ends_late_requests_wherever_they_are) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  request& sent_late = waiting.add("a", 2, start + 1s);
  request& sent_in_time = waiting.add("a", 1, start + 2s);
  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  request& waits_late = waiting.add("a", 1, start + 1s);
  request& other_late = waiting.add("b", 1, start + 1s);

  EXPECT_EQ(tested.earliest_deadline(), start + 1s);
  tested.expire(start + 999ms);
  EXPECT_EQ(sent_late.completions + waits_late.completions + other_late.completions, 0);
  tested.expire(start + 1s);
  EXPECT_EQ(sent_late.error(), errc::outcome_unknown);
  EXPECT_EQ(waits_late.error(), errc::deadline_passed);
  EXPECT_EQ(other_late.error(), errc::deadline_passed);
  EXPECT_EQ(sent_in_time.completions, 0);
  EXPECT_EQ(tested.earliest_deadline(), start + 2s);
  EXPECT_TRUE(tested.wanted(*sent));

  EXPECT_EQ(tested.settle(*sent, {10, 3}), 2U) << "two turns that nobody waits for any more";
  EXPECT_EQ(sent_in_time.range(), (turn_range{10, 1}));
  EXPECT_TRUE(tested.idle());
}

TEST(coalescer, keeps_a_batch_under_way_that_nobody_waits_for_any_more) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  waiting.add("a", 1, start + 1s);
  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  tested.expire(start + 1s);
  EXPECT_FALSE(tested.wanted(*sent));
  waiting.add("a", 1, start + 2s);
  EXPECT_EQ(tested.next(start + 1s), nullptr) << "its outcome is still open";
  EXPECT_EQ(tested.settle(*sent, {1, 1}), 1U);
  batch* const next = tested.next(start + 1s);
  ASSERT_NE(next, nullptr);
  tested.fail(*next, errc::unavailable);
}

TEST(coalescer, fails_the_requests_of_one_client_and_leaves_those_of_others_where_they_were) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  std::vector<request*> all;
  for (const std::uint64_t client : {1U, 2U, 1U, 3U, 2U}) {
    all.push_back(&waiting.add("a"));
    all.back()->client = client;
  }
  batch* sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  tested.fail_client(*sent, errc::too_many_new_ids, 9s);
  for (const std::size_t i : {0U, 2U})
    EXPECT_EQ(all[i]->error(), errc::too_many_new_ids);
  EXPECT_EQ(all[2]->retry_in, 9s);
  sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(sent->client, 2U);
  EXPECT_EQ(sent->turns, 3U);
  tested.settle(*sent, {1, 3});
  EXPECT_EQ(all[1]->range(), (turn_range{1, 1}));
  EXPECT_EQ(all[4]->range(), (turn_range{3, 1}));
}

TEST(coalescer, says_of_what_was_taken_before_that_it_was) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  request& repeat = waiting.add("a", 2);
  batch* sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(tested.settle(*sent, {5, 3, true}), 0U) << "none is burned";
  EXPECT_EQ(repeat.range(), (turn_range{5, 2, true}));
}

TEST(coalescer, tells_those_at_the_end_of_a_counter) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  request& first = waiting.add("a", 2);
  request& second = waiting.add("a", 2);
  request& third = waiting.add("a");
  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(tested.settle(*sent, {turn_max - 2, 3}), 0U);
  EXPECT_EQ(first.range(), (turn_range{turn_max - 2, 2}));
  EXPECT_EQ(second.range(), (turn_range{turn_max, 1})) << "a shorter range";
  EXPECT_EQ(third.error(), errc::counter_exhausted);
}

TEST(coalescer, fails_a_batch_and_serves_the_next_of_its_id) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  request& failed = waiting.add("a");
  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  request& next = waiting.add("a");
  tested.fail(*sent, errc::store_full);
  EXPECT_EQ(failed.error(), errc::store_full);
  batch* const again = tested.next(start);
  ASSERT_NE(again, nullptr);
  tested.settle(*again, {1, 1});
  EXPECT_EQ(next.range(), (turn_range{1, 1}));
}

TEST(coalescer, gives_requests_of_a_batch_back_before_those_that_came_later) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  request& first = waiting.add("a");
  request& late = waiting.add("a", 1, start + 1ms);
  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  sent->sequence = 9;
  request& last = waiting.add("a");
  tested.give_back(*sent);
  EXPECT_EQ(tested.waiting(), 3U);
  EXPECT_TRUE(tested.cancel(late)) << "it may leave again";
  batch* const again = tested.next(start);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->sequence, 0U);
  EXPECT_EQ(again->turns, 2U);
  tested.settle(*again, {5, 2});
  EXPECT_EQ(first.range(), (turn_range{5, 1}));
  EXPECT_EQ(last.range(), (turn_range{6, 1}));
}

TEST(coalescer, fails_all_that_wait_and_leaves_alone_what_is_under_way) {
  coalescer tested{wide, 1};
  requests waiting{tested};
  request& sent_before = waiting.add("a");
  batch* const sent = tested.next(start);
  ASSERT_NE(sent, nullptr);
  request& behind = waiting.add("a");
  request& other = waiting.add("b");
  tested.fail_waiting(errc::breaker_open);
  EXPECT_EQ(behind.error(), errc::breaker_open);
  EXPECT_EQ(other.error(), errc::breaker_open);
  EXPECT_EQ(sent_before.completions, 0);
  EXPECT_EQ(tested.waiting(), 0U);
  tested.settle(*sent, {1, 1});
  EXPECT_TRUE(tested.idle());
}

// An operation may start another when it completes: a pipelined connection does.
struct repeating_request final : take_operation {
  explicit repeating_request(coalescer& again) : into{again} {
    id = counter_id::from_text("a");
    deadline = start + 1s;
  }
  void complete(result_type) noexcept override {
    if (++completions < 3)
      enqueued &= into.enqueue(*this);
  }
  coalescer& into;
  int completions{0};
  bool enqueued{true};
};

TEST(coalescer, lets_a_request_come_again_when_it_completes) {
  coalescer tested{wide, 1};
  repeating_request tireless{tested};
  ASSERT_TRUE(tested.enqueue(tireless));
  for (std::uint64_t turn = 1; batch* const sent = tested.next(start); ++turn)
    tested.settle(*sent, {turn, 1});
  EXPECT_TRUE(tireless.enqueued);
  EXPECT_EQ(tireless.completions, 3);
  EXPECT_TRUE(tested.idle());
}

TEST(coalescer, keeps_many_ids_apart) {
  coalescer tested{{.batch_max = 10, .queue_max = 100'000, .queue_max_per_id = 10}, 1};
  requests waiting{tested};
  std::vector<request*> all;
  for (int i = 0; i < 10'000; ++i)
    all.push_back(&waiting.add("id-" + std::to_string(i % 5000)));
  std::size_t batches = 0;
  while (batch* const sent = tested.next(start)) {
    ++batches;
    EXPECT_EQ(sent->turns, 2U);
    tested.settle(*sent, {1, 2});
  }
  EXPECT_EQ(batches, 5000U);
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i]->range(), (turn_range{i < 5000 ? 1U : 2U, 1}));
}

TEST(coalescer, gives_a_request_with_a_key_a_batch_of_its_own) {
  coalescer tested{wide, 1};
  requests made{tested};
  const request& before = made.add("a");
  request& keyed = made.add("a");
  keyed.once = "k";
  const request& behind = made.add("a", 2);
  batch* first = tested.next(start);
  EXPECT_EQ(first->turns, 1U);
  EXPECT_EQ(first->once, "");
  tested.settle(*first, {1, 1});
  batch* second = tested.next(start);
  EXPECT_EQ(second->turns, 1U);
  EXPECT_EQ(second->once, "k");
  tested.settle(*second, {2, 1});
  batch* third = tested.next(start);
  EXPECT_EQ(third->turns, 2U);
  EXPECT_EQ(third->once, "") << "of the batch before";
  tested.settle(*third, {3, 2});
  EXPECT_EQ(before.range(), (turn_range{1, 1}));
  EXPECT_EQ(keyed.range(), (turn_range{2, 1}));
  EXPECT_EQ(behind.range(), (turn_range{3, 2}));
}

}  // namespace
}  // namespace turnomatic
