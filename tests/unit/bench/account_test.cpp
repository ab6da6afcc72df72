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

target listener(const std::string& url, const char* address, std::uint16_t port) {
  target where = *parse_target(url);
  where.address = {boost::asio::ip::make_address(address), port};
  return where;
}

TEST(account, is_not_read_twice_from_one_server) {
  const target one = listener("http://127.0.0.1:9090", "127.0.0.1", 9090);
  const target same = listener("http://localhost:9090/", "127.0.0.1", 9090);
  const target other = listener("http://127.0.0.1:9091", "127.0.0.1", 9091);
  const target behind_a_proxy = listener("http://127.0.0.1:9090/two", "127.0.0.1", 9090);
  EXPECT_FALSE(named_twice({}));
  EXPECT_FALSE(named_twice({one, other, behind_a_proxy}));
  const auto why = named_twice({one, other, same});
  ASSERT_TRUE(why);
  EXPECT_EQ(why->message,
            "http://localhost:9090/: the same operations listener as http://127.0.0.1:9090");
}

TEST(account, compares_server_by_server_and_sees_one_that_started_again) {
  EXPECT_EQ(burned_between({10, 10}, {12, 3}), 5U);
  EXPECT_EQ(burned_between({}, {}), 0U);
}

}  // namespace
}  // namespace turnomatic::bench
