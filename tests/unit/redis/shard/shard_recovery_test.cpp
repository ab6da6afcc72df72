// After a restart of the server nobody counts before everybody was heard.
#include "unit/redis/two_instances.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using connection_state = fake_connection::state;

TEST(recovery, closes_the_store_for_all_until_everybody_was_heard) {
  two_instances shop;
  shop.restart(shop.store.save());
  shop.come_back(shop.first);
  EXPECT_TRUE(shop.is_closed());
  EXPECT_FALSE(shop.first.counts());
  shop.go_on(20ms);
  EXPECT_EQ(shop.guard.recovering_since(), shop.now);
  EXPECT_EQ(shop.first.events.times(store_event::recovering), 1U);

  shop.come_back(shop.second);
  shop.go_on(20ms);
  EXPECT_TRUE(shop.is_closed());
  EXPECT_EQ(shop.guard.notes.read().awaited, " " + shop.other_guard.instance() + " ");

  shop.come_back(shop.other);
  shop.go_on(1s);
  EXPECT_FALSE(shop.is_closed());
  for (const shard_bench* const each : shop.benches)
    EXPECT_TRUE(each->counts());
  EXPECT_FALSE(shop.guard.recovering_since());
  EXPECT_EQ(shop.guard.notes.read().awaited, "");
  EXPECT_EQ(shop.store.store_field("unheard"), " ");
  EXPECT_EQ(shop.first.events.detail(store_event::recovered) +
                shop.second.events.detail(store_event::recovered) +
                shop.other.events.detail(store_event::recovered),
            "all were heard")
      << "told by the lane that opened it";
}

TEST(recovery, raises_nothing_where_all_records_are_in_place) {
  two_instances shop;
  shop.take(shop.first, "a", 5);
  const std::string token = shop.store.store_field("token");
  shop.restart(shop.store.save());
  shop.store.keep_log();
  shop.all_come_back();
  shop.go_on(1100ms);
  for (const std::string& said : shop.store.take_log())
    EXPECT_THAT(said,
                ::testing::Not(HasSubstr(std::string{script_of(script_id::raise_marks).sha})));
  EXPECT_EQ(shop.store.store_field("token"), token) << "nothing was lost";
  EXPECT_EQ(shop.take(shop.other, "a").range(), (turn_range{6, 1}));
  EXPECT_EQ(shop.guard.notes.read().losses + shop.other_guard.notes.read().losses, 0U);
}

// Two instances and skip: the one that was back first used to count on below the other's turns.
TEST(recovery, has_nobody_count_before_the_marks_of_all_instances_were_heard) {
  two_instances shop;
  const auto older = shop.store.save();
  const std::string token = shop.store.store_field("token");
  shop.take(shop.first, "a", 40);
  shop.take(shop.other, "a", 4);
  shop.restart(older);
  request& next = shop.first.ask("a", 1, 10s);
  shop.come_back(shop.first);
  shop.come_back(shop.second);
  shop.go_on(100ms);
  EXPECT_EQ(shop.store.turn("a"), 40U);
  EXPECT_EQ(next.completions, 0);
  shop.come_back(shop.other);
  shop.go_on(1100ms);
  EXPECT_EQ(next.range(), (turn_range{45, 1}));
  EXPECT_NE(shop.store.store_field("token"), token);
}

TEST(recovery, halts_what_is_behind_where_that_is_the_policy) {
  two_instances shop{loss_policy::halt};
  const auto older = shop.store.save();
  shop.take(shop.first, "a", 40);
  shop.restart(older);
  shop.all_come_back();
  shop.go_on(1100ms);
  EXPECT_TRUE(shop.store.halted("a"));
  ASSERT_EQ(shop.guard.halted.list().size(), 1U);
  EXPECT_EQ(shop.guard.halted.list().front().issued, 40U);
  EXPECT_EQ(shop.take(shop.other, "a").error(), errc::store_behind);
}

// ---- the verdict

TEST(recovery, reports_nothing_before_every_lane_has_ended_its_old_connection) {
  two_instances shop;
  shop.take(shop.first, "a", 5);
  shop.crash(shop.store.save());
  shop.first.cut();
  shop.come_back(shop.first);
  shop.go_on(20ms);
  EXPECT_EQ(shop.guard.found(), standing::unknown) << "the second has not asked";
  EXPECT_THAT(shop.store.store_field("awaited"), HasSubstr(shop.guard.instance()));
  shop.second.tested.pump(shop.now);  // as its worker does at the next event
  shop.come_back(shop.second);
  EXPECT_EQ(shop.guard.found(), standing::in_place);
}

// A reply that still lies in the socket would be handed out after the marks were read.
TEST(recovery, ends_the_connections_of_all_lanes_when_one_meets_another_run) {
  two_instances shop;
  shop.second.ask("a", 3, 10s);
  shop.second.execute();
  const auto saved = shop.store.save();
  shop.crash(saved);
  shop.first.cut();
  shop.come_back(shop.first);
  shop.second.tested.pump(shop.now);
  EXPECT_EQ(shop.second.link.now(), connection_state::closed);
  EXPECT_EQ(shop.second.requests.front().completions, 0);
  shop.come_back(shop.second);
  shop.come_back(shop.other);
  shop.other.cut();
  shop.come_back(shop.other);
  shop.go_on(1100ms);
  EXPECT_EQ(shop.second.requests.front().range(), (turn_range{1, 3}))
      << "executed before the restart, and nothing was lost";
}

TEST(recovery, counts_an_instance_as_behind_that_has_given_a_record_up) {
  two_instances shop;
  shop.take(shop.first, "a", 5);
  shop.store.command({"DEL", shop.store.lane_records().at(0)});
  shop.store.command({"DEL", shop.store.lane_records().at(0)});
  shop.store.command({"DEL", shop.store.lane_records().at(0)});
  shop.go_on(3s);
  ASSERT_TRUE(shop.first.counts());
  shop.restart_without_other(shop.store.save());
  EXPECT_EQ(shop.guard.found(), standing::behind) << "though the new records are in place";
}

// ---- an adoption

// The other one used to be told by its operator, later, when its numbers had been handed out again.
TEST(recovery, has_all_instances_heard_when_an_operator_has_told_one_to_adopt) {
  two_instances shop;
  shop.take(shop.first, "a", 3);
  shop.take(shop.other, "a", 10);
  shop.store.flush_all();
  shop.take(shop.first, "b");
  ASSERT_EQ(shop.guard.loss(), store_loss::emptied);
  shop.guard.adopt();
  for (int i = 0; i < 300; ++i) {
    for (shard_bench* const each : shop.benches) {
      if (each->link.now() == connection_state::opening)
        each->accept();
      each->tested.pump(shop.now);
    }
    shop.go_on(10ms);
  }
  for (const shard_bench* const each : shop.benches)
    EXPECT_TRUE(each->counts());
  EXPECT_EQ(shop.guard.store_id(), shop.other_guard.store_id());
  EXPECT_EQ(shop.take(shop.first, "a").range(), (turn_range{14, 1}));
}

// ---- the marks

TEST(recovery, sends_the_marks_of_recently_used_ids_first) {
  two_instances shop;
  const auto older = shop.store.save();
  for (int i = 0; i < 300; ++i)
    shop.first.ask("id" + std::to_string(i), 1, 10s);
  shop.first.exchange();
  for (const char* const id : {"id7", "id8"})
    shop.take(shop.first, id);
  shop.restart(older);
  shop.come_back(shop.second);
  shop.first.open_connection();
  shop.store.keep_log();
  while (shop.first.execute() || shop.first.deliver() || shop.second.execute() ||
         shop.second.deliver()) {
  }
  shop.go_on(30ms);
  std::vector<std::string> raised;
  for (const std::string& said : shop.store.take_log()) {
    if (said.find(script_of(script_id::raise_marks).sha) != std::string::npos)
      raised.push_back(said);
  }
  ASSERT_GT(raised.size(), 2U);
  const auto position = [&raised](const std::string& id) {
    return std::ranges::find_if(raised,
                                [&id](const std::string& said) {
                                  return said.find(" " + id + " ") != std::string::npos;
                                }) -
           raised.begin();
  };
  EXPECT_LT(std::max(position("id7"), position("id8")), 2);
  EXPECT_EQ(shop.store.turn("id7"), 2U);
  EXPECT_EQ(shop.store.turn("id299"), 1U);
}

TEST(recovery, sends_its_marks_again_when_the_connection_is_lost_on_the_way) {
  two_instances shop;
  const auto older = shop.store.save();
  shop.take(shop.first, "a", 40);
  shop.restart(older);
  shop.come_back(shop.second);
  shop.first.open_connection();
  shop.first.execute();
  shop.first.deliver();
  shop.go_on(0ms);
  shop.second.cut();
  shop.first.cut();
  shop.all_come_back();
  shop.go_on(1100ms);
  EXPECT_EQ(shop.take(shop.first, "a").range(), (turn_range{41, 1}));
}

// ---- what was under way

TEST(recovery, hands_out_what_was_executed_before_a_restart_that_lost_nothing) {
  two_instances shop;
  request& patient = shop.first.ask("a", 3, 10s);
  shop.first.execute();
  shop.restart(shop.store.save());
  shop.all_come_back();
  shop.go_on(1100ms);
  EXPECT_EQ(patient.range(), (turn_range{1, 3}));
  EXPECT_EQ(shop.first.events.all_burned(), 0U);
}

// It may have been executed in the end of the history that is gone.
TEST(recovery, counts_what_it_takes_again_after_a_restart_as_unknown_as_well) {
  two_instances shop;
  request& patient = shop.first.ask("a", 3, 10s);
  shop.restart(shop.store.save());
  shop.all_come_back();
  shop.go_on(1100ms);
  EXPECT_EQ(patient.range(), (turn_range{1, 3}));
  EXPECT_EQ(shop.first.burned(burn_reason::outcome_unknown), 3U);
}

// An old snapshot was restored by mistake, and then the newer one.
TEST(recovery, does_not_believe_results_of_a_history_that_was_abandoned) {
  two_instances shop;
  const auto old = shop.store.save();
  request& patient = shop.first.ask("a", 1, 60s);
  shop.first.execute();
  const auto newer = shop.store.save();
  shop.restart(old);
  shop.come_back(shop.other);
  shop.go_on(1100ms);
  ASSERT_TRUE(shop.other.counts());
  EXPECT_EQ(shop.take(shop.other, "a").range(), (turn_range{1, 1}));
  shop.restart(newer);
  shop.all_come_back();
  shop.go_on(1200ms);
  EXPECT_TRUE(shop.first.counts());
  EXPECT_NE(patient.range().first, 1U) << "that is the other's";
  EXPECT_GE(shop.first.burned(burn_reason::outcome_unknown), 1U);
}

TEST(recovery, serves_operators_while_the_store_is_closed) {
  two_instances shop;
  shop.restart(shop.store.save());
  shop.come_back(shop.first);
  ASSERT_TRUE(shop.is_closed());
  std::string ping;
  append_command(ping, std::array<std::string_view, 1>{"PING"});
  bool answered = false;
  EXPECT_TRUE(shop.first.tested.query(
      ping, 1, [&answered](const reply* answer) { answered = answer != nullptr; }, shop.now));
  shop.first.exchange();
  EXPECT_TRUE(answered);
}

TEST(recovery, ends_on_a_store_that_is_full) {
  two_instances shop;
  shop.restart(shop.store.save());
  shop.store.config.condition = memory_redis::condition::full;
  shop.all_come_back();
  shop.go_on(1100ms);
  EXPECT_FALSE(shop.is_closed());
  EXPECT_TRUE(shop.first.counts());
}

}  // namespace
}  // namespace turnomatic::redis
