// What the proof holds, in bytes: docs/proof.md names these figures.
#include "proof/prover.hpp"
#include "support/allocation_counter.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

constexpr std::size_t many = 10'000;

prover::setup one_connection(std::size_t ids) {
  return {.ids = ids,
          .depth = 1,
          .clock_of_stream = {0},
          .clock_of_connection = {0},
          .relation = {},
          .limits = {.recent = 1}};
}

observation answer(std::uint64_t turn, moment sent, std::uint32_t id = 0) {
  return make_observation(id, 0, outcome::answered, false, turn, sent, sent + 5);
}

// Held by a proof of so many ids for each of `many` observations, over what it held without them.
std::int64_t bytes_each(std::size_t ids, const std::vector<observation>& what) {
  prover tested{one_connection(ids)};
  const std::int64_t before = support::heap_in_use().now;
  for (const observation& each : what)
    tested.add(0, std::span{&each, 1}, each.sent + 6);
  return (support::heap_in_use().now - before) / static_cast<std::int64_t>(many);
}

TEST(prover_memory, is_150_bytes_an_id_and_380_once_it_has_been_answered) {
  const std::int64_t before = support::heap_in_use().now;
  const prover unused{one_connection(many)};
  const std::int64_t idle = (support::heap_in_use().now - before) / std::int64_t{many};
  EXPECT_LE(idle, 150);
  std::vector<observation> what;
  for (std::uint32_t id = 0; id < many; ++id)
    what.push_back(answer(5, 10 * moment{id}, id));
  EXPECT_LE(idle + bytes_each(many, what), 380);
}

TEST(prover_memory, is_150_bytes_a_gap) {
  std::vector<observation> what;
  for (std::uint32_t i = 0; i < many; ++i)
    what.push_back(answer(2 * i + 1, 10 * moment{i}));
  EXPECT_LE(bytes_each(1, what), 150);
}

TEST(prover_memory, is_16_bytes_a_request_of_unknown_outcome) {
  std::vector<observation> what;
  for (std::uint32_t i = 0; i < many; ++i)
    what.push_back(
        make_observation(0, 0, outcome::unknown, false, 0, 10 * moment{i}, 10 * moment{i} + 5));
  EXPECT_LE(bytes_each(1, what), 16);
}

TEST(prover_memory, does_not_grow_with_the_turns) {
  std::vector<observation> what;
  for (std::uint32_t i = 0; i < many; ++i)
    what.push_back(answer(i + 1, 10 * moment{i}));
  EXPECT_EQ(bytes_each(1, what), 0);
}

}  // namespace
}  // namespace turnomatic::bench
