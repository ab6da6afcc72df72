// Turns that a Redis which stands still or is full makes the service refuse.
#include "integration/redis_service.hpp"
#include "support/eventually.hpp"
#include "support/redis_process.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using support::http_answer;
using support::redis_process;
using support::server_process;
using support::tcp_client;

/// With one worker, and with it one queue.
server_process serve_with_one_queue(const redis_process& redis) {
  return server_process{{"--backend", "redis", "--redis-url", redis.url(), "--workers", "1",
                         "--redis-queue-max", "5", "--request-deadline", "30s", "--breaker-mode",
                         "disabled"}};
}

std::string request(const std::string& id) {
  return "POST /turno/" + id + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

bool has_type(const http_answer& answer, const std::string& type) {
  return answer.body.find("\"urn:turnomatic:problem:" + type + '"') != std::string::npos;
}

void expect_overloaded(const http_answer& answer) {
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(has_type(answer, "overloaded")) << answer.body;
  EXPECT_NE(answer.body.find(R"("applied":"no")"), std::string::npos) << answer.body;
  const int seconds = std::stoi(answer.fields.at("retry-after"));
  EXPECT_GE(seconds, 1);
  EXPECT_LE(seconds, 3);
}

// One batch of the id is under way; what comes meanwhile waits.
const std::string waiting = "turnomatic_store_waiting_requests";

class full_queue : public testing::Test {
 protected:
  /// With the first request under way in a Redis that stands still.
  void SetUp() override {
    ASSERT_TRUE(becomes_ready(server_));
    redis_.stop_answering();
    under_way_.send(request("a"));
    ASSERT_TRUE(server_.metric_becomes("turnomatic_store_batches_under_way", 1));
  }

  redis_process redis_;
  server_process server_ = serve_with_one_queue(redis_);
  tcp_client under_way_{server_.port()};
};

TEST_F(full_queue, is_answered_503_at_once_and_its_requests_get_their_turns_when_redis_goes_on) {
  tcp_client queued{server_.port()};
  for (int i = 0; i < 5; ++i)
    queued.send(request("a"));
  ASSERT_TRUE(server_.metric_becomes(waiting, 5));
  for (const char* id : {"a", "another"})
    expect_overloaded(server_.get(std::string{"/turno/"} + id));

  redis_.go_on();
  EXPECT_EQ(support::turn_of(under_way_.read_answers(1).answers.at(0).body, "a"), 1U);
  const auto answers = queued.read_answers(5).answers;
  ASSERT_EQ(answers.size(), 5U);
  for (std::size_t i = 0; i < answers.size(); ++i)
    EXPECT_EQ(support::turn_of(answers[i].body, "a"), i + 2);
  EXPECT_EQ(server_.get("/turno/a").body, R"({"id":"a","turno":7})") << "the refused took none";
}

TEST_F(full_queue, is_known_to_operators_as_long_as_it_lasts) {
  tcp_client queued{server_.port()};
  for (int i = 0; i < 5; ++i)
    queued.send(request("a"));
  ASSERT_TRUE(server_.metric_becomes(waiting, 5));
  const auto refused_and_said = [&] {
    expect_overloaded(server_.get("/turno/a"));
    return server_.get("/degraded").body.find("\"store_overloaded\"") != std::string::npos;
  };
  EXPECT_TRUE(support::eventually(refused_and_said));
  EXPECT_GT(server_.metric("turnomatic_store_requests_shed_total"), 0);
  EXPECT_EQ(server_.get("/readyz").status, 200) << "the other instances have the same store";
  redis_.go_on();
  EXPECT_EQ(queued.read_answers(5).answers.size(), 5U);
  EXPECT_TRUE(support::eventually(
      [&] { return server_.get("/degraded").body.find("store_overloaded") == std::string::npos; }));
}

TEST_F(full_queue, answers_pipelined_requests_beyond_it_in_their_order) {
  tcp_client pipelined{server_.port()};
  std::string all;
  for (int i = 0; i < 8; ++i)
    all += request("a");
  pipelined.send(all);
  ASSERT_TRUE(server_.metric_becomes(waiting, 5));
  redis_.go_on();
  const auto answers = pipelined.read_answers(8).answers;
  ASSERT_EQ(answers.size(), 8U);
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_EQ(support::turn_of(answers[i].body, "a"), i + 2);
  for (std::size_t i = 5; i < 8; ++i)
    expect_overloaded(answers[i]);
}

TEST(full_redis, is_answered_507_for_ids_that_exist_as_well) {
  redis_process redis;
  const server_process server = serve(redis.url());
  ASSERT_TRUE(becomes_ready(server));
  EXPECT_EQ(server.get("/turno/a").body, R"({"id":"a","turno":1})");
  redis.command({"CONFIG", "SET", "maxmemory", "1"});
  for (const char* id : {"a", "new"}) {
    const http_answer answer = server.get(std::string{"/turno/"} + id);
    EXPECT_EQ(answer.status, 507);
    EXPECT_TRUE(has_type(answer, "store-full")) << answer.body;
    EXPECT_EQ(answer.fields.count("retry-after"), 0U);
  }
  redis.command({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(server.get("/turno/a").body, R"({"id":"a","turno":2})");
}

}  // namespace
}  // namespace turnomatic::integration
