// A client that asks again under its key, over the death of an instance.
#include "integration/redis_service.hpp"
#include "support/redis_process.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnomatic::integration {
namespace {

using support::redis_process;
using support::server_process;

std::string ask(const server_process& server, const std::string& key) {
  support::tcp_client client{server.port()};
  client.send("POST /turno/a HTTP/1.1\r\nHost: h\r\nIdempotency-Key: " + key + "\r\n\r\n");
  const auto answers = client.read_answers(1).answers;
  return answers.empty() ? std::string{} : answers.front().body;
}

TEST(idempotency, gives_the_same_turn_on_another_instance_when_the_first_has_died) {
  const redis_process redis;
  server_process first = serve(redis.url());
  const server_process second = serve(redis.url());
  EXPECT_EQ(ask(first, "\"k\""), R"({"id":"a","turno":1})");
  EXPECT_EQ(ask(second, "other"), R"({"id":"a","turno":2})");
  first.process().signal(SIGKILL);
  EXPECT_EQ(ask(second, "\"k\""), R"({"id":"a","turno":1})");
  EXPECT_EQ(ask(second, "third"), R"({"id":"a","turno":3})");
}

TEST(idempotency, forgets_a_key_in_redis_when_its_lifetime_ends) {
  redis_process redis;
  const server_process server = serve(redis.url(), {"--idempotency-lifetime", "1s"});
  EXPECT_EQ(ask(server, "k"), R"({"id":"a","turno":1})");
  const std::string token = redis.command({"HGET", "turnomatic:{0}:store", "token"}).text;
  const auto left = redis.command({"PTTL", "turnomatic:{0}:key:" + token + ":a:k"}).number;
  EXPECT_GT(left, 0);
  EXPECT_LE(left, 1000);
}

}  // namespace
}  // namespace turnomatic::integration
