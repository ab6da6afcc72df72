#include "http/connection_limits.hpp"

#include <gtest/gtest.h>

namespace turnomatic::http {
namespace {

using boost::asio::ip::make_address;

const auto first = make_address("192.0.2.1");
const auto second = make_address("2001:db8::2");

TEST(connection_limits, serve_as_many_as_the_limit_and_no_more) {
  connection_limits limits{2, 0, 1};
  const auto a = limits.admit(first);
  const auto b = limits.admit(first);
  EXPECT_EQ(a.kind, admission::served);
  EXPECT_EQ(b.kind, admission::served);
  const auto c = limits.admit(first);
  EXPECT_EQ(c.kind, admission::over_total);
  EXPECT_EQ(limits.total(), 2U);
  EXPECT_EQ(limits.refused(), 1U);
  limits.release(a);
  EXPECT_EQ(limits.admit(second).kind, admission::served);
  limits.release(c);
  EXPECT_EQ(limits.total(), 2U);
  EXPECT_EQ(limits.refused(), 0U);
}

TEST(connection_limits, count_each_address_by_itself) {
  connection_limits limits{10, 1, 1};
  const auto a = limits.admit(first);
  EXPECT_EQ(a.kind, admission::served);
  EXPECT_EQ(limits.admit(first).kind, admission::over_per_address);
  EXPECT_EQ(limits.admit(second).kind, admission::served);
  EXPECT_EQ(limits.total(), 2U);
  limits.release(a);
  EXPECT_EQ(limits.admit(first).kind, admission::served);
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
  connection_limits limits{10, 1, 1};
  ASSERT_EQ(limits.admit(make_address("2001:db8::1")).kind, admission::served);
  EXPECT_EQ(limits.admit(make_address("2001:db8::2")).kind, admission::over_per_address);
  EXPECT_EQ(limits.admit(make_address("2001:db8:0:1::1")).kind, admission::served);
}

TEST(connection_limits, do_not_count_by_address_unless_asked_to) {
  connection_limits limits{10, 0, 1};
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(limits.admit(first).kind, admission::served);
}

TEST(connection_limits, follow_a_change) {
  connection_limits limits{1, 0, 1};
  const auto before = limits.admit(first);
  limits.set_limits(3, 1);
  const auto counted = limits.admit(first);
  EXPECT_EQ(counted.kind, admission::served);
  EXPECT_EQ(limits.admit(first).kind, admission::over_per_address);
  limits.release(before);  // it was never counted by address
  EXPECT_EQ(limits.admit(first).kind, admission::over_per_address);
  limits.release(counted);
  limits.set_limits(0, 0);
  EXPECT_EQ(limits.admit(first).kind, admission::over_total);
  EXPECT_EQ(limits.total(), 0U);
}

}  // namespace
}  // namespace turnomatic::http
