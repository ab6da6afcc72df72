// How the service finds its primary by sentinels: some that do not help, none that helps.
#include "integration/redis_service.hpp"
#include "support/redis_process.hpp"
#include "support/reserved_port.hpp"
#include "support/sentinel_set.hpp"
#include "support/server_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using support::redis_process;
using support::sentinel_set;
using support::server_process;
using testing::AllOf;
using testing::HasSubstr;

const std::string connect_failures = "turnomatic_store_call_failures_total{reason=\"connect\"}";
const std::string lanes_counting = "turnomatic_store_lanes{state=\"counting\"}";
constexpr double workers = 2;

std::string at(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

/// A primary with three sentinels and no replica.
class sentinels : public testing::Test {
 protected:
  sentinel_set set{{.replicas = 0}};
};

TEST_F(sentinels, say_where_the_primary_is_and_are_named_where_people_look) {
  const server_process server = serve_alone(set.url());
  ASSERT_TRUE(server.metric_becomes(lanes_counting, workers));
  EXPECT_EQ(server.get("/turno/a").body, R"({"id":"a","turno":1})");
  EXPECT_TRUE(comes_to_say(server, "/health", "found last at " + at(set.primary().port())));
  std::string listed = set.hosts();
  listed.replace(listed.find(','), 1, ", ").replace(listed.rfind(','), 1, ", ");
  EXPECT_THAT(server.operations("/health").body, HasSubstr("mymaster of the sentinels " + listed));
  EXPECT_EQ(server.metric(connect_failures), 0);
}

TEST_F(sentinels, help_where_one_of_them_is_dead_and_one_hangs) {
  redis_process& primary = set.primary();
  set.sentinel(0).kill();
  set.sentinel(1).stop_answering();
  const server_process server =
      serve_alone(set.url(), {"--redis-connect-timeout", "3s", "--request-deadline", "5s"});
  EXPECT_TRUE(server.metric_becomes(lanes_counting, workers));
  EXPECT_EQ(server.metric(connect_failures), 0) << "within one attempt to connect";
  primary.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_EQ(server.get("/turno/a").status, 200) << "the one that answered is asked first";
  EXPECT_EQ(server.metric(connect_failures), 0);
}

TEST_F(sentinels, tell_of_each_other) {
  const server_process server =
      serve_alone("redis+sentinel://" + at(set.sentinel(0).port()) + "/mymaster");
  ASSERT_TRUE(server.metric_becomes(lanes_counting, workers));
  set.sentinel(0).kill();
  set.primary().command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_EQ(server.get("/turno/a").status, 200);
  EXPECT_TRUE(server.metric_becomes(lanes_counting, workers));
}

TEST_F(sentinels, are_waited_for_and_named_while_none_of_them_answers) {
  for (std::size_t i = 0; i < 3; ++i)
    set.sentinel(i).kill();
  const server_process server = serve_alone(set.url());
  const std::string dead = at(set.sentinel(2).port());
  EXPECT_TRUE(comes_to_say(server, "/readyz",
                           dead + " (TCP connect to " + dead +
                               ": Connection refused); start the "
                               "sentinels"));
  EXPECT_THAT(server.operations("/readyz").body,
              AllOf(HasSubstr("mymaster of the sentinels"),
                    HasSubstr("look-up of mymaster: no sentinel says where it is: " +
                              at(set.sentinel(0).port()) + " (")));
  EXPECT_TRUE(comes_to_say(server, "/degraded", "no sentinel says where it is"));
  set.sentinel(1).restart();
  EXPECT_TRUE(server.metric_becomes(lanes_counting, workers));
}

TEST_F(sentinels, that_do_not_know_the_name_are_told_apart_from_servers_that_are_none) {
  const redis_process redis;
  const support::reserved_port nobody;
  const server_process server =
      serve_alone("redis+sentinel://" + at(set.sentinel(0).port()) + ',' + at(redis.port()) + ',' +
                  at(nobody.number()) + "/another");
  EXPECT_TRUE(comes_to_say(server, "/readyz",
                           at(set.sentinel(0).port()) + " (it does not know this name), " +
                               at(redis.port()) + " (ERR unknown command "));
  EXPECT_THAT(server.operations("/readyz").body,
              AllOf(HasSubstr("Connection refused); correct the name behind the sentinels"),
                    HasSubstr("; let redis.url name sentinels and no other servers"),
                    HasSubstr("; start the sentinels")));
  EXPECT_EQ(server.get("/turno/a").status, 503);
}

// Sentinels that have not agreed yet may name a replica. Here they are made to.
TEST(sentinels_that_name_a_replica, are_asked_again_until_it_is_the_primary) {
  redis_process former{{.append_only = true}};
  redis_process named{
      {.append_only = true, .lines = {"replicaof 127.0.0.1 " + std::to_string(former.port())}}};
  sentinel_set set{{.sentinels = 1, .replicas = 0, .watched_port = named.port()}};
  const server_process server = serve_alone(set.url());
  EXPECT_TRUE(comes_to_say(server, "/readyz",
                           at(named.port()) +
                               ", which a sentinel named as mymaster, is a replica of " +
                               at(former.port())));
  EXPECT_TRUE(comes_to_say(server, "/degraded",
                           "a failover has begun and is not over for all of them; sentinels are "
                           "asked again"));
  EXPECT_EQ(server.get("/turno/a").status, 503);
  named.command({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(server.metric_becomes(lanes_counting, workers));
  EXPECT_TRUE(becomes_ready(server));
}

}  // namespace
}  // namespace turnomatic::integration
