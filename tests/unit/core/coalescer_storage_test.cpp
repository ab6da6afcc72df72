// What is used again and again costs no allocation.
#include "support/allocation_counter.hpp"
#include "unit/core/coalescer_fixture.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace turnomatic {
namespace {

/// Takes that come again as soon as they are told.
class load {
 public:
  load(std::size_t ids, std::size_t takes_per_id, bool keyed) {
    keys_.reserve(ids * takes_per_id);
    for (std::size_t i = 0; i < ids * takes_per_id; ++i) {
      fake_take& made = shop_.make("id" + std::to_string(i % ids));
      keys_.push_back("a key that is too long for a small string " + std::to_string(i));
      if (keyed)
        made.key = keys_.back();
    }
  }

  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (fake_take& each : shop_.takes)
        ASSERT_TRUE(shop_.tested.enqueue(each));
      for (bool returned = false; !shop_.tested.idle(); returned = true) {
        shop_.sent.clear();
        shop_.tested.fill(shop_.sent, {}, shop_.now);
        if (returned)
          shop_.settle();
        else
          shop_.give_back();
      }
    }
  }

 private:
  coalescing shop_{{.batch_max = 1000, .queue_max = 100'000, .queue_max_per_id = 1000}};
  std::vector<std::string> keys_;
};

std::size_t allocations_of(load& tested) {
  tested.run(2);
  const std::size_t before = support::allocations_so_far();
  tested.run(50);
  return support::allocations_so_far() - before;
}

TEST(coalescer_storage, is_used_again_for_one_hot_id) {
  load hot{1, 64, false};
  EXPECT_EQ(allocations_of(hot), 0U);
}

// A hash table that grows by what was erased from it would allocate now and then.
TEST(coalescer_storage, is_used_again_for_a_thousand_ids_that_come_and_go) {
  load many{1000, 1, false};
  EXPECT_EQ(allocations_of(many), 0U);
}

TEST(coalescer_storage, is_used_again_for_keys) {
  load keyed{100, 4, true};
  EXPECT_EQ(allocations_of(keyed), 0U);
}

}  // namespace
}  // namespace turnomatic
