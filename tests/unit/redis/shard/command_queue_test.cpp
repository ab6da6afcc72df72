#include "backend/redis/shard/command_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

TEST(command_queue, gives_commands_in_the_order_of_their_replies) {
  command_queue tested;
  EXPECT_TRUE(tested.empty());
  tested.push({.reason = purpose::packet});
  tested.push({.reason = purpose::refresh});
  EXPECT_EQ(tested.take_reply().reason, purpose::packet);
  EXPECT_EQ(tested.take_reply().reason, purpose::refresh);
  EXPECT_TRUE(tested.empty());
}

TEST(command_queue, keeps_what_was_sent_as_one_until_its_last_reply) {
  command_queue tested;
  tested.push({.reason = purpose::set_up, .replies_left = 3});
  tested.push({.reason = purpose::packet});
  for (int reply = 0; reply < 3; ++reply)
    EXPECT_EQ(tested.take_reply().reason, purpose::set_up) << reply;
  EXPECT_EQ(tested.take_reply().reason, purpose::packet);
}

TEST(command_queue, grows_without_losing_its_order) {
  command_queue tested;
  for (std::uint32_t i = 1; i <= 500; ++i)
    tested.push({.reason = purpose::query, .replies_left = i});
  for (std::uint32_t i = 1; i <= 500; ++i) {
    for (std::uint32_t left = i; left > 0; --left)
      ASSERT_EQ(tested.take_reply().replies_left, left - 1);
  }
  EXPECT_TRUE(tested.empty());
}

TEST(command_queue, tells_each_query_once_that_its_reply_will_not_come) {
  command_queue tested;
  std::vector<std::string> told;
  for (const std::string name : {"first", "second"}) {
    tested.push(
        {.reason = purpose::query, .replies_left = 2, .done = [&told, name](const reply* answer) {
           told.push_back(name + (answer == nullptr ? " lost" : " answered"));
         }});
  }
  tested.push({.reason = purpose::packet});
  tested.take_reply().done(nullptr);
  told.clear();
  tested.give_up();
  EXPECT_EQ(told, (std::vector<std::string>{"first lost", "second lost"}));
  EXPECT_TRUE(tested.empty());
}

TEST(command_queue, may_be_added_to_from_where_a_query_is_told) {
  command_queue tested;
  tested.push({.reason = purpose::query,
               .done = [&tested](const reply*) { tested.push({.reason = purpose::packet}); }});
  tested.give_up();
  EXPECT_EQ(tested.take_reply().reason, purpose::packet) << "of the next connection";
}

}  // namespace
}  // namespace turnomatic::redis
