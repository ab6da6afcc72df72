// When clients that were refused are asked to come back.
#include "session_bench.hpp"

#include <gtest/gtest.h>

#include <set>

namespace turnomatic::http {
namespace {

using namespace std::chrono_literals;

// More than enough that each of three values occurs: the chance of another outcome is below 1e-34.
constexpr int draws = 200;

// The values of Retry-After in as many answers to `request`.
std::set<int> seconds_said(session_bench& bench, const std::string& request) {
  for (int i = 0; i < draws; ++i)
    bench.send(request);
  const auto answers = bench.answers().answers;
  EXPECT_EQ(answers.size(), static_cast<std::size_t>(draws));
  std::set<int> said;
  for (const support::http_answer& each : answers)
    said.insert(std::stoi(each.fields.at("retry-after")));
  return said;
}

TEST(retry_after, is_how_long_the_breaker_stays_open_rounded_up_and_up_to_2_seconds_more) {
  const std::pair<duration, int> rows[] = {
      {0s, 1}, {1ns, 1},       {1s, 1},   {1s + 1ns, 2},    {1500ms, 2},
      {2s, 2}, {29'999ms, 30}, {30s, 30}, {1h - 1ns, 3600}, {1h, 3600}};
  for (const auto& [open_for, least] : rows) {
    session_bench bench;
    bench.backend.error = errc::breaker_open;
    bench.backend.open_for = open_for;
    EXPECT_EQ(seconds_said(bench, turn_request("a")), (std::set{least, least + 1, least + 2}))
        << open_for.count() << " ns";
  }
}

TEST(retry_after, is_how_long_a_new_id_has_to_wait_rounded_up_and_up_to_2_seconds_more) {
  for (const auto& [wait, least] :
       {std::pair<duration, int>{1ns, 1}, {1s + 1ns, 2}, {30s, 30}, {24h, 3600}}) {
    session_bench bench;
    bench.backend.error = errc::too_many_new_ids;
    bench.backend.new_id_in = wait;
    EXPECT_EQ(seconds_said(bench, turn_request("a")), (std::set{least, least + 1, least + 2}));
  }
}

TEST(retry_after, is_1_to_3_seconds_for_everything_else) {
  for (const errc error : {errc::unavailable, errc::deadline_passed, errc::overloaded,
                           errc::outcome_unknown, errc::store_behind}) {
    session_bench bench;
    bench.backend.error = error;
    bench.backend.open_for = 1h;
    bench.backend.new_id_in = 1h;
    EXPECT_EQ(seconds_said(bench, turn_request("a")), (std::set{1, 2, 3}))
        << static_cast<int>(error);
  }
}

TEST(retry_after, is_1_to_3_seconds_when_the_instance_is_not_ready) {
  session_bench bench;
  bench.operations.readiness.state = readiness_state::starting;
  EXPECT_EQ(seconds_said(bench, "GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n"), (std::set{1, 2, 3}));
}

}  // namespace
}  // namespace turnomatic::http
