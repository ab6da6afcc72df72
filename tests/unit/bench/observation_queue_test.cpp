#include "load/observation_queue.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;

observation_block block_of(std::size_t stream) {
  return {stream, 0, false, {}};
}

TEST(observation_queue, gives_blocks_back_in_their_order) {
  observation_queue tested;
  EXPECT_TRUE(tested.push(block_of(1)));
  EXPECT_TRUE(tested.push(block_of(2)));
  EXPECT_EQ(tested.pop(0ns)->stream, 1U);
  EXPECT_EQ(tested.pop(0ns)->stream, 2U);
  EXPECT_FALSE(tested.pop(0ns));
}

TEST(observation_queue, lets_nobody_wait_for_room_once_it_is_closed) {
  observation_queue tested;
  for (std::size_t i = 0; i < observation_queue::blocks_max; ++i)
    EXPECT_TRUE(tested.push(block_of(i)));
  tested.close();
  EXPECT_FALSE(tested.push(block_of(0))) << "it would wait for ever";
}

}  // namespace
}  // namespace turnomatic::bench
