#include "core/new_id_limit.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;
using refusal = new_id_limit::refusal;
using scope = new_id_limit::scope;

const time_point start{1000s};
constexpr token_rate off{.per_minute = 0, .burst = 1};

TEST(new_id_limit, lets_everything_pass_while_it_is_off) {
  new_id_limit limit{{off, off}, 7};
  for (int i = 0; i < 1000; ++i)
    EXPECT_FALSE(limit.charge(1, start));
  limit.give_back(1);
  EXPECT_EQ(limit.refused(scope::instance) + limit.refused(scope::client), 0U);
}

TEST(new_id_limit, holds_for_all_clients_together) {
  new_id_limit limit{{{.per_minute = 60, .burst = 10}, off}, 7};
  for (std::uint64_t client = 0; client < 10; ++client)
    EXPECT_FALSE(limit.charge(client, start));
  EXPECT_EQ(limit.charge(11, start), (refusal{scope::instance, 1s}));
  EXPECT_EQ(limit.refused(scope::instance), 1U);
  limit.give_back(3);
  EXPECT_FALSE(limit.charge(11, start));
}

TEST(new_id_limit, holds_for_each_client) {
  new_id_limit limit{{off, {.per_minute = 2, .burst = 1}}, 7};
  EXPECT_FALSE(limit.charge(1, start));
  EXPECT_EQ(limit.charge(1, start + 10s), (refusal{scope::client, 20s}));
  EXPECT_FALSE(limit.charge(2, start + 10s));
  EXPECT_EQ(limit.refused(scope::client), 1U);
  EXPECT_EQ(limit.refused(scope::instance), 0U);
}

TEST(new_id_limit, charges_the_instance_nothing_for_what_a_client_is_refused) {
  new_id_limit limit{{{.per_minute = 60, .burst = 10}, {.per_minute = 1, .burst = 2}}, 7};
  for (int i = 0; i < 1000; ++i)
    (void)limit.charge(1, start);
  for (std::uint64_t client = 2; client < 10; ++client)
    EXPECT_FALSE(limit.charge(client, start)) << client;
}

TEST(new_id_limit, charges_a_client_nothing_for_what_the_instance_refuses) {
  new_id_limit limit{{{.per_minute = 60, .burst = 1}, {.per_minute = 1, .burst = 2}}, 7};
  EXPECT_FALSE(limit.charge(1, start));
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(limit.charge(2, start), (refusal{scope::instance, 1s}));
  EXPECT_FALSE(limit.charge(2, start + 1s));
  EXPECT_FALSE(limit.charge(2, start + 2s));
  EXPECT_EQ(limit.charge(2, start + 3s), (refusal{scope::client, 58s}));
}

TEST(new_id_limit, follows_its_settings) {
  new_id_limit limit{{off, off}, 7};
  limit.apply({{.per_minute = 1, .burst = 1}, off});
  EXPECT_FALSE(limit.charge(1, start));
  EXPECT_TRUE(limit.charge(1, start));
  limit.apply({off, off});
  EXPECT_FALSE(limit.charge(1, start));
}

}  // namespace
}  // namespace turnomatic
