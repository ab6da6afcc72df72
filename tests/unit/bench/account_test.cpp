#include "load/account.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

TEST(account, adds_up_the_burned_turns_of_every_reason) {
  EXPECT_EQ(burned_turns_in("# HELP turnomatic_turns_burned_total x\n"
                            "# TYPE turnomatic_turns_burned_total counter\n"
                            "turnomatic_turns_burned_total{reason=\"client_gone\"} 3\n"
                            "turnomatic_turns_issued_total{backend=\"memory\"} 100\n"
                            "turnomatic_turns_burned_total_created{reason=\"x\"} 7\n"
                            "turnomatic_turns_burned_total{reason=\"deadline\"} 1.2e3\n"),
            1203U);
  EXPECT_EQ(burned_turns_in("turnomatic_turns_burned_total 5"), 5U);
}

TEST(account, tells_no_account_from_an_empty_one) {
  EXPECT_FALSE(burned_turns_in(""));
  EXPECT_FALSE(burned_turns_in("other_total 1\n"));
  EXPECT_EQ(burned_turns_in("turnomatic_turns_burned_total{reason=\"client_gone\"} 0\n"), 0U);
}

TEST(account, compares_server_by_server_and_sees_one_that_started_again) {
  EXPECT_EQ(burned_between({10, 10}, {12, 3}), 5U);
  EXPECT_EQ(burned_between({}, {}), 0U);
}

}  // namespace
}  // namespace turnomatic::bench
