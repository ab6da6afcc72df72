#include "load/id_choice.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace turnomatic::bench {
namespace {

plan with_ids(std::size_t ids, std::size_t targets = 1) {
  plan how;
  how.ids.resize(ids);
  how.targets.resize(targets);
  return how;
}

std::vector<int> draw(const plan& how, std::uint32_t target, int times) {
  std::vector<int> counts(how.ids.size());
  id_choice tested{how, 0};
  for (int i = 0; i < times; ++i)
    ++counts[tested.next(target)];
  return counts;
}

TEST(id_choice, draws_evenly) {
  for (const int count : draw(with_ids(10), 0, 10'000))
    EXPECT_NEAR(count, 1000, 150);
}

TEST(id_choice, draws_by_the_law_of_zipf) {
  plan how = with_ids(100);
  how.popularity = id_spread::zipf;
  how.zipf_exponent = 1.0;
  const auto counts = draw(how, 0, 100'000);
  // 1/1 + 1/2 + ... + 1/100 is 5.187.
  EXPECT_NEAR(counts[0], 100'000 / 5.187, 600);
  EXPECT_NEAR(counts[9], 100'000 / 51.87, 300);
}

TEST(id_choice, gives_each_target_its_own_ids_when_they_are_pinned) {
  plan how = with_ids(7, 3);
  how.spread = target_spread::pinned;
  const auto counts = draw(how, 1, 1000);
  for (std::size_t id = 0; id < counts.size(); ++id)
    EXPECT_EQ(counts[id] > 0, id % 3 == 1) << id;
}

TEST(id_choice, repeats_itself_for_a_seed_and_differs_between_threads) {
  const plan how = with_ids(1000);
  id_choice first{how, 0};
  id_choice again{how, 0};
  id_choice other{how, 1};
  int same = 0;
  for (int i = 0; i < 100; ++i) {
    const auto id = first.next(0);
    EXPECT_EQ(again.next(0), id);
    same += other.next(0) == id ? 1 : 0;
  }
  EXPECT_LT(same, 10);
}

}  // namespace
}  // namespace turnomatic::bench
