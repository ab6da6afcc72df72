#include "core/client_buckets.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

const time_point start{1000s};
constexpr token_rate rate{.per_minute = 1, .burst = 2};

TEST(client_buckets, are_one_for_each_client) {
  client_buckets buckets{7};
  for (const std::uint64_t client : {0U, 1U, 2U}) {
    EXPECT_FALSE(buckets.take(client, rate, start)) << client;
    EXPECT_FALSE(buckets.take(client, rate, start)) << client;
    EXPECT_EQ(buckets.take(client, rate, start), 1min) << client;
  }
  buckets.give_back(1, rate);
  EXPECT_EQ(buckets.take(0, rate, start), 1min);
  EXPECT_FALSE(buckets.take(1, rate, start));
}

TEST(client_buckets, are_remembered_for_thousands) {
  client_buckets buckets{7};
  constexpr std::uint64_t clients = client_buckets::clients_max / 16;
  for (int i = 0; i < 2; ++i)
    for (std::uint64_t client = 1; client <= clients; ++client)
      (void)buckets.take(client, rate, start);
  std::uint64_t refused = 0;
  for (std::uint64_t client = 1; client <= clients; ++client)
    refused += buckets.take(client, rate, start) ? 1U : 0U;
  EXPECT_EQ(refused, clients);
}

// A flood from ever new addresses pushes out what it brought itself before it pushes out a client
// that has more to wait for.
TEST(client_buckets, forget_the_fullest_first) {
  client_buckets buckets{7};
  EXPECT_FALSE(buckets.take(1, rate, start));
  EXPECT_FALSE(buckets.take(1, rate, start));
  for (std::uint64_t flood = 2; flood < 1'000'000; ++flood)
    (void)buckets.take(flood, rate, start);
  EXPECT_TRUE(buckets.take(1, rate, start));
}

TEST(client_buckets, take_nothing_back_for_one_that_was_forgotten) {
  client_buckets buckets{7};
  buckets.give_back(4711, rate);
  for (int i = 0; i < 2; ++i)
    EXPECT_FALSE(buckets.take(4711, rate, start));
  EXPECT_TRUE(buckets.take(4711, rate, start));
}

}  // namespace
}  // namespace turnomatic
