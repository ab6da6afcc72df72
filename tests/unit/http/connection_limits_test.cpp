#include "http/connection_limits.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace turnomatic::http {
namespace {

using boost::asio::ip::make_address;

const auto first = make_address("192.0.2.1");
const auto second = make_address("2001:db8::2");

TEST(connection_limits, accept_as_many_as_the_limit_and_no_more) {
  connection_limits limits{2, 0};
  const auto a = limits.admit(first);
  const auto b = limits.admit(first);
  EXPECT_TRUE(a.accepted && !a.why);
  EXPECT_TRUE(b.accepted && !b.why);
  const auto c = limits.admit(first);
  EXPECT_EQ(c.why, refusal::connection_limit);
  EXPECT_TRUE(c.accepted);
  EXPECT_EQ(limits.total(), 2U);
  limits.release(a);
  EXPECT_FALSE(limits.admit(second).why);
}

TEST(connection_limits, let_in_a_bounded_number_of_refused_connections_to_be_told) {
  connection_limits limits{0, 0};
  std::vector<connection_limits::admission> told;
  for (std::uint32_t i = 0; i < connection_limits::refusals_max; ++i) {
    told.push_back(limits.admit(first));
    ASSERT_TRUE(told.back().accepted);
  }
  EXPECT_FALSE(limits.admit(first).accepted);
  limits.release(told.back());
  EXPECT_TRUE(limits.admit(first).accepted);
}

TEST(connection_limits, count_each_address_by_itself) {
  connection_limits limits{10, 1};
  const auto a = limits.admit(first);
  EXPECT_FALSE(a.why);
  EXPECT_EQ(limits.admit(first).why, refusal::address_limit);
  EXPECT_FALSE(limits.admit(second).why);
  EXPECT_EQ(limits.total(), 2U);
  limits.release(a);
  EXPECT_FALSE(limits.admit(first).why);
}

TEST(connection_limits, count_peers_without_an_address_among_all_only) {
  connection_limits limits{2, 1, 1};
  EXPECT_EQ(limits.admit(std::nullopt).kind, admission::served);
  const auto second_of_them = limits.admit(std::nullopt);
  EXPECT_EQ(second_of_them.kind, admission::served);
  EXPECT_EQ(limits.admit(std::nullopt).kind, admission::over_total);
  limits.release(second_of_them);
  EXPECT_EQ(limits.admit(first).kind, admission::served);
}

TEST(connection_limits, take_for_one_address_what_one_host_can_choose_from) {
  struct row {
    const char* one;
    const char* other;
    bool same;
  };
  for (const auto& [one, other, same] : {
           row{"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true},
           row{"2001:db8::1", "2001:db8:0:1::1", false},
           row{"::1", "::2", true},
           row{"192.0.2.1", "192.0.2.2", false},
           row{"192.0.2.1", "::ffff:192.0.2.1", true},
           row{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
           row{"0.0.0.1", "::1", false},
           row{"0.0.0.0", "::", false},
       }) {
    connection_limits limits{10, 1};
    ASSERT_FALSE(limits.admit(make_address(one)).why);
    EXPECT_EQ(limits.admit(make_address(other)).why.has_value(), same) << one << ' ' << other;
  }
}

TEST(connection_limits, do_not_count_by_address_unless_asked_to) {
  connection_limits limits{10, 0};
  for (int i = 0; i < 10; ++i)
    EXPECT_FALSE(limits.admit(first).why);
}

TEST(connection_limits, follow_a_change) {
  connection_limits limits{1, 0};
  const auto before = limits.admit(first);
  limits.set_limits(3, 1);
  const auto counted = limits.admit(first);
  EXPECT_FALSE(counted.why);
  EXPECT_EQ(limits.admit(first).why, refusal::address_limit);
  limits.release(before);  // it was never counted by address
  EXPECT_EQ(limits.admit(first).why, refusal::address_limit);
  limits.release(counted);
  limits.set_limits(0, 0);
  EXPECT_EQ(limits.admit(first).why, refusal::connection_limit);
  EXPECT_EQ(limits.total(), 0U);
}

}  // namespace
}  // namespace turnomatic::http
