#include "backend/redis/endpoint/sentinel_watch.hpp"

#include "unit/redis/resp_reply.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using action = sentinel_watch::action;
using kind = sentinel_watch::verdict::kind;

constexpr std::string_view epoch_4 = "*2\r\n$12\r\nconfig-epoch\r\n$1\r\n4\r\n";
constexpr std::string_view at_p = "*2\r\n$1\r\nP\r\n$1\r\n1\r\n";
constexpr std::string_view subscribed = "*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n";
constexpr std::string_view switched_to_q =
    "*3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n$9\r\nm P 1 Q 1\r\n";
constexpr std::string_view pong = "*2\r\n$4\r\npong\r\n$0\r\n\r\n";

struct watched {
  kind take(std::string_view answer) { return tested.take(resp_reply{answer}.value(), now).type; }
  /// Until the connection stands and everything was said on it.
  void greet(std::string_view password = {}) {
    tested.begin(now);
    now = std::max(now, tested.wake_at());
    EXPECT_EQ(tested.due(now), action::connect);
    tested.connects();
    EXPECT_EQ(tested.wake_at(), time_point::max()) << "the connection limits that";
    said.clear();
    tested.append_greeting(said, password, now);
  }
  void subscribe() {
    greet();
    EXPECT_EQ(take(epoch_4), kind::goes_on);
    EXPECT_EQ(take(at_p), kind::told);
    EXPECT_EQ(take(subscribed), kind::goes_on);
  }

  time_point now{1000s};
  std::string said;
  sentinel_watch tested{{"m", ""}, 7};
};

TEST(sentinel_watch, does_nothing_before_it_is_told_to_begin) {
  const watched made;
  EXPECT_EQ(made.tested.due(made.now + 1h), action::nothing);
  EXPECT_EQ(made.tested.wake_at(), time_point::max());
}

// In one write, the question first: what happened before the subscription is not missed.
TEST(sentinel_watch, asks_and_subscribes) {
  watched made;
  made.greet();
  EXPECT_EQ(made.said,
            "*3\r\n$8\r\nSENTINEL\r\n$6\r\nmaster\r\n$1\r\nm\r\n"
            "*3\r\n$8\r\nSENTINEL\r\n$23\r\nget-master-addr-by-name\r\n$1\r\nm\r\n"
            "*2\r\n$9\r\nSUBSCRIBE\r\n$14\r\n+switch-master\r\n");
  EXPECT_EQ(made.take(epoch_4), kind::goes_on);
  const auto told = made.tested.take(resp_reply{at_p}.value(), made.now);
  EXPECT_EQ(told.type, kind::told);
  EXPECT_EQ(told.host, (redis_host{"P", 1}));
  EXPECT_EQ(told.epoch, 4U);
}

TEST(sentinel_watch, does_without_the_epoch_where_it_may_not_ask_for_it) {
  watched made;
  made.greet();
  EXPECT_EQ(made.take("-NOPERM no permissions\r\n"), kind::goes_on);
  const auto told = made.tested.take(resp_reply{at_p}.value(), made.now);
  EXPECT_EQ(told.type, kind::told);
  EXPECT_EQ(told.epoch, std::nullopt);
  EXPECT_EQ(made.take(subscribed), kind::goes_on);
}

TEST(sentinel_watch, logs_in_first_where_there_is_a_password) {
  watched made;
  made.greet("p");
  EXPECT_TRUE(made.said.starts_with("*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n"));
  EXPECT_EQ(made.take("+OK\r\n"), kind::goes_on);
  EXPECT_EQ(made.take(epoch_4), kind::goes_on);
  EXPECT_EQ(made.take(at_p), kind::told);
  EXPECT_EQ(made.take(subscribed), kind::goes_on);
}

TEST(sentinel_watch, hears_of_switches) {
  watched made;
  made.subscribe();
  const auto heard = made.tested.take(resp_reply{switched_to_q}.value(), made.now);
  EXPECT_EQ(heard.type, kind::switched);
  EXPECT_EQ(heard.host, (redis_host{"Q", 1}));
  EXPECT_EQ(made.take("*3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n$9\r\nx P 1 Q 1\r\n"),
            kind::goes_on)
      << "of another primary";
}

TEST(sentinel_watch, pings_while_nothing_comes_and_gives_up_a_sentinel_that_is_silent) {
  watched made;
  made.subscribe();
  made.now += sentinel_watch::ping_period - 1ms;
  EXPECT_EQ(made.tested.due(made.now), action::nothing);
  made.now += 1ms;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(made.tested.due(made.now), action::ping);
    made.tested.append_ping(made.said, made.now);
    EXPECT_EQ(made.take(pong), kind::goes_on);
    EXPECT_EQ(made.tested.due(made.now), action::nothing);
    EXPECT_EQ(made.tested.wake_at(), made.now + sentinel_watch::ping_period);
    made.now += sentinel_watch::ping_period;
  }
  made.tested.append_ping(made.said, made.now);
  made.now += sentinel_watch::patience - 1ms;
  EXPECT_EQ(made.tested.due(made.now), action::nothing);
  made.now += 1ms;
  EXPECT_EQ(made.tested.due(made.now), action::give_up);
}

TEST(sentinel_watch, gives_up_a_sentinel_that_does_not_answer_the_greeting) {
  watched made;
  made.greet("p");
  made.now += sentinel_watch::patience;
  EXPECT_EQ(made.tested.due(made.now), action::give_up);
  made.tested.closed(made.now);
  made.greet();
  EXPECT_EQ(made.take(epoch_4), kind::goes_on);
  made.now += sentinel_watch::patience;
  EXPECT_EQ(made.tested.due(made.now), action::give_up);
  made.tested.closed(made.now);
  made.greet();
  EXPECT_EQ(made.take(epoch_4), kind::goes_on);
  EXPECT_EQ(made.take(at_p), kind::told);
  made.now += sentinel_watch::patience;
  EXPECT_EQ(made.tested.due(made.now), action::give_up);
}

TEST(sentinel_watch, has_no_use_for_a_sentinel_that_refuses_or_does_not_know_the_name) {
  for (const std::string_view answer :
       {"-NOAUTH Authentication required.\r\n", "*-1\r\n", "+OK\r\n", "$1\r\nx\r\n"}) {
    watched made;
    made.greet();
    EXPECT_EQ(made.take(epoch_4), kind::goes_on);
    EXPECT_EQ(made.take(answer), kind::broken) << answer;
  }
  watched made;
  made.greet();
  EXPECT_EQ(made.take(epoch_4), kind::goes_on);
  EXPECT_EQ(made.take(at_p), kind::told);
  EXPECT_EQ(made.take("-NOPERM no access\r\n"), kind::broken);
  watched later;
  later.subscribe();
  EXPECT_EQ(later.take("-ERR gone\r\n"), kind::broken);
}

TEST(sentinel_watch, tries_one_sentinel_after_the_other_with_growing_waits) {
  watched made;
  made.tested.begin(made.now);
  duration longest{};
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(made.tested.attempt(), i);
    EXPECT_EQ(made.tested.due(made.now), action::connect);
    made.tested.connects();
    made.tested.closed(made.now);
    longest = std::max(longest, made.tested.wake_at() - made.now);
    EXPECT_LE(made.tested.wake_at() - made.now, sentinel_watch::waits.max);
    EXPECT_EQ(made.tested.due(made.now), action::nothing);
    made.now = made.tested.wake_at();
  }
  EXPECT_GT(longest, 1s);
}

TEST(sentinel_watch, begins_with_the_first_sentinel_and_the_shortest_wait_after_a_subscription) {
  watched made;
  made.tested.begin(made.now);
  for (int i = 0; i < 20; ++i) {
    made.tested.connects();
    made.tested.closed(made.now);
  }
  made.subscribe();
  EXPECT_EQ(made.tested.attempt(), 0U);
  made.tested.closed(made.now);
  EXPECT_LE(made.tested.wake_at() - made.now, sentinel_watch::waits.min);
}

TEST(sentinel_watch, goes_on_as_it_is_when_it_is_told_to_begin_again) {
  watched made;
  made.subscribe();
  const time_point before = made.tested.wake_at();
  made.tested.begin(made.now + 1ms);
  EXPECT_EQ(made.tested.wake_at(), before);
}

}  // namespace
}  // namespace turnomatic::redis
