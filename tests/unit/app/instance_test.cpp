#include "app/instance.hpp"

#include "app/memory_store.hpp"

#include <boost/system/errc.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace turnomatic::app {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};

/// A serving instance with room for two connections, looked at when the test says so.
class serving_instance : public testing::Test {
 protected:
  serving_instance() { tested_.enter(stage::serving); }

  [[nodiscard]] bool is_degraded(std::string_view what) const {
    const auto all = tested_.degraded();
    return std::ranges::find(all, what, &degradation::what) != all.end();
  }
  [[nodiscard]] health_status connections_check() const {
    const auto checks = tested_.health();
    return std::ranges::find(checks, "http:connections", &health_check::name)->status;
  }

  memory_store store_{configuration{}, 100};
  http::connection_limits limits_{2, 0, 1};
  instance tested_{{}, store_, limits_, 1};
  const boost::asio::ip::address client_ = boost::asio::ip::make_address("192.0.2.1");
  const boost::system::error_code no_descriptor_ =
      make_error_code(boost::system::errc::too_many_files_open);
};

TEST_F(serving_instance, that_is_full_says_so_and_is_ready) {
  const auto first = limits_.admit(client_);
  tested_.assess(start);
  EXPECT_FALSE(is_degraded("connection_limit"));
  EXPECT_EQ(connections_check(), health_status::pass);
  const auto last = limits_.admit(client_);
  tested_.assess(start + 1s);
  EXPECT_TRUE(is_degraded("connection_limit"));
  EXPECT_EQ(connections_check(), health_status::warn);
  EXPECT_TRUE(tested_.ready().ready());

  limits_.release(last);
  limits_.release(first);
  tested_.assess(start + 5900ms);
  EXPECT_TRUE(is_degraded("connection_limit"));
  EXPECT_EQ(connections_check(), health_status::warn);
  tested_.assess(start + 6s);
  EXPECT_FALSE(is_degraded("connection_limit"));
  EXPECT_EQ(connections_check(), health_status::pass);
}

TEST_F(serving_instance,
       that_is_short_of_descriptors_is_unready_until_it_has_had_them_for_a_while) {
  tested_.note_accept_pause(no_descriptor_);
  tested_.assess(start);
  EXPECT_EQ(tested_.ready().state, readiness_state::shedding);
  EXPECT_TRUE(is_degraded("accept_paused"));
  tested_.note_accept_pause({});
  tested_.assess(start + 250ms);
  EXPECT_FALSE(tested_.ready().ready());
  tested_.assess(start + 4s);
  EXPECT_FALSE(tested_.ready().ready());
  tested_.assess(start + 5s);
  EXPECT_TRUE(tested_.ready().ready());
  EXPECT_FALSE(is_degraded("accept_paused"));
}

TEST_F(serving_instance, notices_a_shortage_that_was_over_before_it_looked) {
  tested_.assess(start);
  tested_.note_accept_pause(no_descriptor_);
  tested_.note_accept_pause({});
  EXPECT_TRUE(tested_.ready().ready());
  tested_.assess(start + 250ms);
  EXPECT_FALSE(tested_.ready().ready());
  tested_.assess(start + 6s);
  EXPECT_TRUE(tested_.ready().ready());
}

}  // namespace
}  // namespace turnomatic::app
