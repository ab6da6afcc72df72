// What operators can look at and change, in the real program on a real Redis.
#include "integration/administered_service.hpp"
#include "support/eventually.hpp"
#include "support/redis_process.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using support::http_answer;
using support::redis_process;
using support::server_process;

/// Each id with its last turn, over all pages.
std::map<std::string, std::uint64_t> all_counters(const service& of, const std::string& limit,
                                                  int* pages = nullptr) {
  std::map<std::string, std::uint64_t> seen;
  std::string cursor;
  do {
    const http_answer answer = of.get("/admin/counters?limit=" + limit + "&cursor=" + cursor);
    EXPECT_EQ(answer.status, 200) << answer.body;
    if (answer.status != 200)
      break;
    const json page = json::parse(answer.body);
    for (const json& each : page["counters"])
      seen[each["id"]] = each["turno"];
    cursor = page["cursor"];
    if (pages)
      ++*pages;
  } while (!cursor.empty());
  return seen;
}

TEST(admin, looks_at_a_counter_without_taking_a_turn) {
  const redis_process redis;
  const service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  EXPECT_EQ(tested.get("/admin/counters/a").body, R"({"id":"a","turno":0,"halted":false})");
  EXPECT_EQ(tested.take("a"), R"({"id":"a","turno":1})");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(tested.get("/admin/counters/a").body, R"({"id":"a","turno":1,"halted":false})");
}

// A hash that Redis keeps packed is scanned in one step, whatever the limit. The name of the option
// is the one that every version knows.
TEST(admin, lists_every_counter_over_several_pages) {
  const redis_process redis{{.arguments = {"--hash-max-ziplist-entries", "16"}}};
  const service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  std::map<std::string, std::uint64_t> expected{{"probe", 0}};
  for (int i = 0; i < 300; ++i) {
    const std::string id = "id-" + std::to_string(i);
    ASSERT_EQ(tested.post("/admin/counters/" + id + "?turno=" + std::to_string(i + 1)).status, 200);
    expected[id] = static_cast<std::uint64_t>(i) + 1;
  }
  int pages = 0;
  auto seen = all_counters(tested, "50", &pages);
  seen["probe"] = 0;
  EXPECT_EQ(seen, expected);
  EXPECT_GT(pages, 3);
  EXPECT_EQ(all_counters(tested, "1000").size(), expected.size());
}

TEST(admin, sets_a_counter_forward_and_every_worker_goes_on_from_there) {
  const redis_process redis;
  const service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  EXPECT_EQ(tested.take("a"), R"({"id":"a","turno":1})");
  EXPECT_EQ(tested.post("/admin/counters/a?turno=41").body,
            R"({"id":"a","turno":41,"halted":false})");
  for (int turn = 42; turn < 60; ++turn)  // on connections of their own: of either worker
    EXPECT_EQ(tested.take("a"), "{\"id\":\"a\",\"turno\":" + std::to_string(turn) + "}");
  EXPECT_EQ(tested.post("/admin/counters/new?turno=9007199254740990").status, 200);
  EXPECT_EQ(tested.take("new"), R"({"id":"new","turno":9007199254740991})");
  EXPECT_TRUE(has_problem(tested.server.get("/turno/new"), 409, "counter-exhausted"));
}

TEST(admin, refuses_to_set_a_counter_back) {
  const redis_process redis;
  const service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  ASSERT_EQ(tested.post("/admin/counters/a?turno=10").status, 200);
  for (const char* const turn : {"0", "9", "10"})
    EXPECT_TRUE(has_problem(tested.post(std::string{"/admin/counters/a?turno="} + turn), 409,
                            "counter-ahead"));
  EXPECT_EQ(tested.take("a"), R"({"id":"a","turno":11})");
}

// The list shows every counter that there is.
TEST(admin, creates_no_counter_that_it_refuses_to_set) {
  const redis_process redis;
  const service in_redis{on(redis)};
  ASSERT_TRUE(in_redis.becomes_ready());
  const service in_memory{{}};
  ASSERT_TRUE(in_memory.becomes_ready());
  for (const service* const each : {&in_redis, &in_memory}) {
    EXPECT_TRUE(has_problem(each->post("/admin/counters/new?turno=0"), 409, "counter-ahead"));
    EXPECT_EQ(each->get("/admin/counters/new").status, 200);
    EXPECT_EQ(all_counters(*each, "100").size(), 1U) << "only the one that was asked for a turn";
  }
}

// With the rate so low the test sees the burst alone.
TEST(new_ids, are_refused_beyond_their_limit) {
  const redis_process redis;
  const std::vector<std::string> limits{"--new-ids-rate", "1", "--new-ids-burst", "5"};
  for (const bool in_redis : {true, false}) {
    const service tested{in_redis ? on(redis, limits) : limits};
    ASSERT_TRUE(tested.becomes_ready());  // its probe is one of the five
    for (int i = 1; i < 5; ++i)
      EXPECT_EQ(tested.server.get("/turno/id" + std::to_string(i)).status, 200) << i;
    const http_answer refused = tested.server.get("/turno/id5");
    EXPECT_TRUE(has_problem(refused, 429, "too-many-new-ids")) << refused.body;
    const int seconds = std::stoi(refused.fields.at("retry-after"));
    EXPECT_TRUE(seconds > 30 && seconds <= 62) << seconds;
    EXPECT_EQ(tested.server.get("/turno/id4").status, 200) << "it is not new any more";
    EXPECT_EQ(all_counters(tested, "100").size(), 5U);
    EXPECT_EQ(tested.server.metric("turnomatic_new_ids_refused_total{limit=\"instance\"}"), 1);
  }
}

TEST(new_ids, are_counted_for_each_address) {
  const service tested{{"--new-ids-rate-per-address", "1", "--new-ids-burst-per-address", "2"}};
  const auto status = [&](const char* from, const std::string& id) {
    support::tcp_client client{tested.server.port(), from};
    client.send("GET /turno/" + id + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return client.read_answers(1).statuses();
  };
  using statuses = std::vector<int>;
  EXPECT_EQ(status("127.0.0.2", "a"), statuses{200});
  EXPECT_EQ(status("127.0.0.2", "b"), statuses{200});
  EXPECT_EQ(status("127.0.0.2", "c"), statuses{429});
  EXPECT_EQ(status("127.0.0.3", "c"), statuses{200});
  EXPECT_EQ(status("127.0.0.2", "c"), statuses{200});
  EXPECT_EQ(tested.server.metric("turnomatic_new_ids_refused_total{limit=\"address\"}"), 1);
}

TEST(admin, sets_a_counter_back_if_it_is_forced_and_says_so_in_the_log) {
  const redis_process redis;
  service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  for (int i = 0; i < 20; ++i)
    (void)tested.take("a");
  EXPECT_EQ(tested.post("/admin/counters/a?turno=5&force=true&from=20").body,
            R"({"id":"a","turno":5,"halted":false})");
  for (int turn = 6; turn < 30; ++turn)
    EXPECT_EQ(tested.take("a"), "{\"id\":\"a\",\"turno\":" + std::to_string(turn) + "}");
  tested.server.process().signal(SIGINT);
  const std::string log = tested.server.process().read_rest(10s);
  const std::size_t at = log.find("operator: counter set back");
  ASSERT_NE(at, std::string::npos) << log;
  const std::string line = log.substr(log.rfind('\n', at) + 1, log.find('\n', at));
  EXPECT_NE(line.find(R"("level":"warn")"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("old":20)"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("new":5)"), std::string::npos) << line;
}

TEST(admin, sets_a_counter_only_from_the_turn_that_the_operator_saw) {
  const redis_process redis;
  const service in_redis{on(redis)};
  ASSERT_TRUE(in_redis.becomes_ready());
  const service in_memory{{}};
  ASSERT_TRUE(in_memory.becomes_ready());
  for (const service* const each : {&in_redis, &in_memory}) {
    ASSERT_EQ(each->post("/admin/counters/a?turno=10&from=0").status, 200);
    (void)each->take("a");
    for (const char* const late : {"turno=20&from=10", "turno=3&force=true&from=10"})
      EXPECT_TRUE(
          has_problem(each->post(std::string{"/admin/counters/a?"} + late), 409, "counter-moved"));
    EXPECT_TRUE(
        has_problem(each->post("/admin/counters/a?turno=3&force=true"), 400, "invalid-parameter"));
    EXPECT_EQ(each->take("a"), R"({"id":"a","turno":12})");
    EXPECT_EQ(each->post("/admin/counters/a?turno=3&force=true&from=12").status, 200);
    EXPECT_EQ(each->take("a"), R"({"id":"a","turno":4})");
  }
}

TEST(admin, mends_what_is_no_turn_and_holds_up_nothing_else) {
  redis_process redis;
  const service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  redis.command({"HSET", "turnomatic:{0}:turns", "a", "spoilt"});
  EXPECT_EQ(tested.server.get("/turno/a").status, 503);
  EXPECT_EQ(tested.take("b"), R"({"id":"b","turno":1})");
  EXPECT_EQ(tested.get("/admin/counters/a").body, R"({"id":"a","turno":0,"halted":false})");
  for (const char* const line : {"/admin/counters/a?turno=5", "/admin/counters/a/resume"})
    EXPECT_TRUE(has_problem(tested.post(line), 409, "counter-moved")) << line;
  EXPECT_EQ(tested.post("/admin/counters/a?turno=5&force=true&from=0").status, 200);
  EXPECT_EQ(tested.take("a"), R"({"id":"a","turno":6})");
}

// One is told, all see it.
TEST(admin, lets_a_counter_go_on_for_every_instance) {
  redis_process redis{{.arguments = {"--dbfilename", "dump.rdb"}}};
  const service first{on(redis)};
  const service second{on(redis)};
  ASSERT_TRUE(first.becomes_ready());
  ASSERT_TRUE(second.becomes_ready());
  redis.command({"SAVE"});
  for (int i = 0; i < 3; ++i) {
    (void)first.take("a");
    (void)second.take("a");
  }
  redis.kill();
  redis.restart();
  for (const service* const each : {&first, &second})
    ASSERT_TRUE(support::eventually(
        [&] { return has_problem(each->server.get("/turno/a"), 503, "store-behind"); }));
  EXPECT_EQ(first.post("/admin/counters/a/resume").body, R"({"id":"a","turno":6,"halted":false})");
  for (const service* const each : {&first, &second})
    EXPECT_TRUE(each->server.metric_becomes("turnomatic_store_counters_behind", 0));
  EXPECT_EQ(second.server.operations("/health").status, 200);
  EXPECT_EQ(second.take("a"), R"({"id":"a","turno":7})");
}

TEST(admin, lets_a_counter_go_on_that_a_restored_snapshot_had_halted) {
  redis_process redis{{.arguments = {"--dbfilename", "dump.rdb"}}};
  const service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  redis.command({"SAVE"});
  for (int i = 0; i < 3; ++i)
    (void)tested.take("a");
  redis.kill();
  redis.restart();
  ASSERT_TRUE(tested.server.metric_becomes("turnomatic_store_counters_behind", 1));
  ASSERT_TRUE(support::eventually(
      [&] { return tested.get("/admin/counters/a").body.find("true") != std::string::npos; }));
  EXPECT_TRUE(has_problem(tested.server.get("/turno/a"), 503, "store-behind"));
  EXPECT_EQ(tested.post("/admin/counters/a/resume").body, R"({"id":"a","turno":3,"halted":false})");
  EXPECT_EQ(tested.take("a"), R"({"id":"a","turno":4})");
  EXPECT_TRUE(tested.server.metric_becomes("turnomatic_store_counters_behind", 0));
  EXPECT_EQ(tested.server.get("/health").status, 200);
}

TEST(admin, says_at_once_that_the_store_cannot_be_reached) {
  redis_process redis;
  const service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  redis.kill();
  ASSERT_TRUE(tested.server.metric_becomes("turnomatic_store_lanes{state=\"down\"}", 2));
  for (const char* const line : {"GET /admin/counters", "POST /admin/counters/a?turno=1"})
    EXPECT_TRUE(has_problem(tested.ask(line), 503, "store-unavailable"));
  EXPECT_EQ(tested.get("/admin/breaker").status, 200);
}

TEST(admin, does_not_know_what_became_of_a_change_when_the_store_stands_still) {
  redis_process redis;
  const service tested{on(redis, {"--redis-stall-timeout", "200ms"})};
  ASSERT_TRUE(tested.becomes_ready());
  redis.stop_answering();
  const http_answer answer = tested.post("/admin/counters/a?turno=7");
  EXPECT_TRUE(has_problem(answer, 503, "outcome-unknown")) << answer.body;
  redis.go_on();
}

TEST(admin, refuses_one_request_more_than_may_be_under_way) {
  redis_process redis;
  const service tested{on(redis, {"--redis-stall-timeout", "200ms"}), "1"};
  ASSERT_TRUE(tested.becomes_ready());
  redis.stop_answering();
  std::string requests;
  for (int i = 0; i < 17; ++i)
    requests += request_text("GET /admin/counters/a", token);
  support::tcp_client client{tested.server.operations_port()};
  client.send(requests);
  const auto answers = client.read_answers(17).answers;
  redis.go_on();
  ASSERT_EQ(answers.size(), 17U);
  for (std::size_t i = 0; i < 16; ++i)
    EXPECT_TRUE(has_problem(answers[i], 503, "store-unavailable")) << answers[i].body;
  EXPECT_TRUE(has_problem(answers[16], 503, "overloaded")) << answers[16].body;
  ASSERT_TRUE(tested.becomes_ready());
  EXPECT_EQ(tested.get("/admin/counters/a").status, 200) << "there is room again";
}

TEST(admin, survives_clients_that_do_not_wait_for_their_answers) {
  redis_process redis;
  const service tested{on(redis, {"--redis-stall-timeout", "200ms"})};
  ASSERT_TRUE(tested.becomes_ready());
  redis.stop_answering();
  for (int i = 0; i < 10; ++i) {
    support::tcp_client client{tested.server.operations_port()};
    client.send(request_text("GET /admin/counters/a", token));
    ASSERT_EQ(tested.server.operations("/livez").status, 200);
    client.reset();
  }
  redis.go_on();
  ASSERT_TRUE(tested.becomes_ready());
  EXPECT_TRUE(support::eventually([&] { return tested.get("/admin/counters/a").status == 200; }));
}

TEST(admin, loads_the_scripts_again_that_somebody_has_flushed) {
  redis_process redis;
  const service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  redis.command({"SCRIPT", "FLUSH"});
  EXPECT_TRUE(
      support::eventually([&] { return tested.post("/admin/counters/a?turno=7").status == 200; }));
  EXPECT_EQ(tested.take("a"), R"({"id":"a","turno":8})");
}

TEST(admin, needs_no_right_but_those_that_the_documents_name) {
  const redis_process redis{{.user = support::redis_options::account{
                                 .name = "clerk",
                                 .password = "p",
                                 .rules = "~turnomatic:* +evalsha +script|load +get +set +exists "
                                          "+pexpire +time +hget +hset +hdel +hmget +hgetall "
                                          "+hincrby +hscan +info +ping +select"}}};
  const service tested{{"--backend", "redis", "--redis-url", redis.url()}};
  ASSERT_TRUE(tested.becomes_ready());
  EXPECT_EQ(tested.post("/admin/counters/a?turno=7").status, 200);
  EXPECT_EQ(tested.post("/admin/counters/a?turno=3&force=true&from=7").status, 200);
  EXPECT_EQ(tested.post("/admin/counters/a/resume").status, 200);
  EXPECT_EQ(all_counters(tested, "10").size(), 2U);
}

TEST(admin, lets_in_only_those_who_have_the_token) {
  const service tested{{}};
  const http_answer refused = tested.ask("GET /admin/counters", "0123-the-tokem");
  EXPECT_TRUE(has_problem(refused, 401, "unauthorized"));
  EXPECT_EQ(refused.fields.at("www-authenticate"), "Bearer");
  EXPECT_EQ(tested.server.operations("/admin/counters").status, 401);
  EXPECT_EQ(tested.server.get("/admin/counters").status, 404) << "as a caller";
  EXPECT_EQ(tested.get("/admin/counters").status, 200);
}

TEST(admin, is_not_there_without_a_token_file) {
  const server_process server;
  EXPECT_EQ(server.operations("/admin/counters").status, 404);
  EXPECT_EQ(server.operations("/admin/breaker").status, 404);
}

TEST(admin, does_not_start_without_the_token_that_it_was_told_of) {
  const support::temporary_directory directory;
  for (const std::string& file :
       {std::string{"/nonexistent/token"}, directory.write("empty", ""),
        directory.write("blank", "\n"), directory.write("return", "\r\n")})
    EXPECT_THROW((server_process{{"--admin-token-file", file}}), std::runtime_error) << file;
}

TEST(admin, looks_at_and_sets_counters_in_memory) {
  const service tested{{}};
  EXPECT_EQ(tested.get("/admin/counters/a").body, R"({"id":"a","turno":0,"halted":false})");
  EXPECT_EQ(tested.post("/admin/counters/a?turno=41").status, 200);
  EXPECT_EQ(tested.take("a"), R"({"id":"a","turno":42})");
  EXPECT_TRUE(has_problem(tested.post("/admin/counters/a?turno=42"), 409, "counter-ahead"));
  EXPECT_EQ(tested.post("/admin/counters/a?turno=0&force=true&from=42").status, 200);
  EXPECT_EQ(tested.take("a"), R"({"id":"a","turno":1})");
  EXPECT_EQ(tested.get("/admin/counters").body,
            R"({"counters":[{"id":"a","turno":1,"halted":false}],"cursor":""})");
  for (const char* const line : {"POST /admin/counters/a/resume", "GET /admin/breaker",
                                 "POST /admin/breaker?mode=disabled", "POST /admin/store/adopt"})
    EXPECT_TRUE(has_problem(tested.ask(line), 409, "not-supported")) << line;
}

}  // namespace
}  // namespace turnomatic::integration
