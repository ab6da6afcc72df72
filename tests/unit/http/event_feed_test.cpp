// Who listens to changes, what they are sent, and how that ends.
#include "http/event_feed.hpp"

#include "session_bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnomatic::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

const std::string subscription = "GET /health/stream HTTP/1.1\r\nHost: h\r\n\r\n";

struct listening : session_bench {
  listening() : session_bench({.who = audience::operators, .without_backend = true}) {
    context.health = &feed;
  }
  void become(const std::string& what) {
    state = what;
    feed.look();
  }
  [[nodiscard]] std::string after(std::size_t size) const { return received().substr(size); }

  std::string state{"\"a\""};
  int asked{0};
  event_feed feed{"health", [this] {
                    ++asked;
                    return event_feed::snapshot{state + " and a number", state};
                  }};
};

TEST(event_feed, begins_with_what_is_the_case) {
  listening bench;
  bench.send(subscription);
  EXPECT_THAT(bench.received(), HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(bench.received(), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(bench.received(), Not(HasSubstr("Content-Length")));
  EXPECT_THAT(bench.received(), HasSubstr("\r\n\r\nretry: 2000\nevent: health\nid: "));
  EXPECT_THAT(bench.received(), EndsWith("\ndata: \"a\" and a number\n\n"));
  EXPECT_FALSE(bench.ended());
  EXPECT_EQ(bench.events.answered.size(), 1U);
}

TEST(event_feed, tells_of_each_change_once) {
  listening bench;
  bench.send(subscription);
  const std::size_t before = bench.received().size();
  bench.become("\"a\"");
  EXPECT_EQ(bench.after(before), "");
  bench.become("\"b\"");
  bench.become("\"b\"");
  EXPECT_THAT(bench.after(before), EndsWith("\ndata: \"b\" and a number\n\n"));
  EXPECT_EQ(bench.after(before).find("event: health"), bench.after(before).rfind("event: health"));
}

TEST(event_feed, shows_that_it_is_there_while_nothing_changes) {
  listening bench;
  bench.send(subscription);
  const std::size_t before = bench.received().size();
  for (int i = 0; i < 120; ++i)  // half a minute
    bench.feed.look();
  EXPECT_EQ(bench.after(before), ":\n\n:\n\n");
}

TEST(event_feed, asks_nothing_while_nobody_listens) {
  listening bench;
  bench.feed.look();
  EXPECT_EQ(bench.asked, 0);
  bench.send(subscription);
  bench.send_end();
  EXPECT_TRUE(bench.closed);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::by_client});
  const int asked = bench.asked;
  bench.feed.look();
  EXPECT_EQ(bench.asked, asked);
}

TEST(event_feed, does_not_time_out_and_ignores_what_its_client_says) {
  listening bench;
  bench.send(subscription + subscription);
  bench.send("anything");
  bench.pass(2 * bench.context.settings.idle_timeout);
  EXPECT_FALSE(bench.closed);
  EXPECT_EQ(bench.received().find("HTTP/1.1"), bench.received().rfind("HTTP/1.1"));
}

TEST(event_feed, cuts_who_does_not_read) {
  listening bench;
  bench.send(subscription);
  bench.stream->stalled = true;
  bench.become(std::string(event_feed::backlog_max / 2, 'x'));
  bench.become("small");
  EXPECT_FALSE(bench.closed);
  bench.become(std::string(event_feed::backlog_max / 2, 'y'));
  EXPECT_TRUE(bench.closed);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::write_timeout});
}

TEST(event_feed, waits_for_a_slow_reader_as_long_as_for_any) {
  listening bench;
  bench.send(subscription);
  const std::size_t before = bench.received().size();
  bench.stream->stalled = true;
  bench.become("\"b\"");
  bench.become("\"c\"");
  EXPECT_EQ(bench.after(before), "");
  bench.stream->become_writable();
  bench.poll();
  EXPECT_THAT(bench.after(before), HasSubstr("data: \"b\""));
  EXPECT_THAT(bench.after(before), EndsWith("data: \"c\" and a number\n\n"));
  bench.stream->stalled = true;
  bench.become("\"d\"");
  bench.pass(bench.context.settings.write_timeout + 1);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::write_timeout});
}

TEST(event_feed, has_room_for_so_many_and_says_so_to_the_next) {
  listening bench;
  std::vector<std::unique_ptr<session_bench>> others;
  for (std::size_t i = 0; i < event_feed::subscribers_max; ++i) {
    others.push_back(std::make_unique<session_bench>(
        session_bench::options{.who = audience::operators, .without_backend = true}));
    others.back()->context.health = &bench.feed;
    others.back()->send(subscription);
  }
  bench.send(subscription);
  EXPECT_EQ(bench.statuses(), std::vector<int>{503});
  EXPECT_THAT(bench.received(), HasSubstr("urn:turnomatic:problem:too-many-subscribers"));
  EXPECT_TRUE(bench.ended());
  others.front()->send_end();
  EXPECT_TRUE(bench.feed.has_room());
  for (const auto& each : others)
    each->tested->abort(close_reason::drained);
}

TEST(event_feed, answers_head_and_options_without_a_stream) {
  listening bench;
  bench.send("OPTIONS /health/stream HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(bench.statuses(), std::vector<int>{204});
  bench.send("HEAD /health/stream HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(bench.received(), EndsWith("Connection: close\r\n\r\n"));
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.asked, 0);
}

TEST(event_feed, is_for_operators) {
  session_bench bench;
  bench.send(subscription);
  EXPECT_EQ(bench.statuses(), std::vector<int>{404});
}

}  // namespace
}  // namespace turnomatic::http
