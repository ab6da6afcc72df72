#include "telemetry/event_log.hpp"

#include "telemetry/log.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace turnomatic::telemetry {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::IsEmpty;
using testing::SizeIs;

constexpr time_point start{1000s};

class event_log_lines : public testing::Test {
 protected:
  event_log_lines() { begin(log_level::info); }
  ~event_log_lines() override { log::shutdown(); }

  void begin(log_level level) {
    log::shutdown();
    log::initialise(
        {.level = level, .format = log_format::json, .sink = [this](std::string_view line) {
           written_.push_back(json::parse(line));
           return true;
         }});
  }
  /// What was written since it was asked last.
  std::vector<json> lines() {
    EXPECT_TRUE(log::flush());
    return std::exchange(written_, {});
  }

  event_log tested;

 private:
  std::vector<json> written_;
};

TEST_F(event_log_lines, say_once_what_happens_to_all_workers) {
  for (int worker = 0; worker < 16; ++worker)
    tested.happened(store_event::connection_lost, "reset", start);
  const auto first = lines();
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0]["level"], "warn");
  EXPECT_EQ(first[0]["event"], "connection_lost");
  EXPECT_EQ(first[0]["detail"], "reset");
  EXPECT_EQ(first[0]["left_out"], 0);

  tested.happened(store_event::connection_lost, "again", start + event_log::period);
  const auto next = lines();
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(next[0]["left_out"], 15);
}

TEST_F(event_log_lines, say_how_many_there_were_of_what_does_not_happen_any_more) {
  for (int worker = 0; worker < 16; ++worker)
    tested.happened(store_event::connected, {}, start);
  tested.breaker_changed(breaker_state::half_open, breaker_state::closed,
                         breaker_reason::probe_succeeded, start);
  tested.breaker_changed(breaker_state::half_open, breaker_state::closed,
                         breaker_reason::probe_succeeded, start);
  EXPECT_THAT(lines(), SizeIs(2));
  tested.tell_left_out(start + 1s);
  EXPECT_THAT(lines(), IsEmpty());
  tested.tell_left_out(start + event_log::period);
  const auto told = lines();
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0]["event"], "connected");
  EXPECT_EQ(told[0]["left_out"], 15);
  EXPECT_EQ(told[1]["why"], "probe_succeeded");
  EXPECT_EQ(told[1]["left_out"], 1);
  tested.tell_left_out(start + 1h);
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(event_log_lines, count_answers_that_were_left_out_among_the_requests) {
  for (int i = 0; i < 11; ++i) {
    (void)tested.admit(incident::server_error, start);
    (void)tested.admit(incident::bad_framing, start);
  }
  tested.tell_left_out(start + event_log::client_period);
  const auto told = lines();
  ASSERT_THAT(told, SizeIs(2));
  for (const json& line : told) {
    const bool answered = line["reason"] == "server_error";
    EXPECT_EQ(line["message"], answered ? "request" : "client refused");
  }
}

TEST_F(event_log_lines, name_each_of_a_few_ids) {
  for (const char* const id : {"a", "b", "c"})
    tested.happened(store_event::counter_behind, id, start);
  const auto each = lines();
  ASSERT_THAT(each, SizeIs(3));
  EXPECT_EQ(each[2]["detail"], "c");
  EXPECT_EQ(each[2]["level"], "error");
}

// Sixteen workers that connect and probe twice a second and are refused.
TEST_F(event_log_lines, are_one_in_five_seconds_while_a_store_is_away) {
  const auto be_away = [&](duration from, duration to) {
    for (auto passed = from; passed < to; passed += 500ms) {
      for (int worker = 0; worker < 16; ++worker) {
        const time_point now = start + passed;
        tested.happened(store_event::connect_failed, "Connection refused", now);
        tested.breaker_changed(breaker_state::open, breaker_state::half_open,
                               breaker_reason::open_time_over, now);
        tested.breaker_changed(breaker_state::half_open, breaker_state::open,
                               breaker_reason::probe_failed, now);
      }
      tested.tell_left_out(start + passed);
    }
  };
  be_away(0s, 5s);
  EXPECT_THAT(lines(), SizeIs(1));
  be_away(5s, 60s);
  const auto later = lines();
  EXPECT_THAT(later, SizeIs(11));
  for (const json& line : later) {
    EXPECT_EQ(line["detail"], "Connection refused");
    EXPECT_EQ(line["left_out"], 159);
  }
}

TEST_F(event_log_lines, quote_a_store_that_refuses_once_a_kind) {
  for (int i = 0; i < 1000; ++i) {
    tested.refused(store_refusal::full, "OOM command not allowed", start);
    tested.refused(store_refusal::misconf, "MISCONF Redis is configured to save", start);
  }
  const auto each = lines();
  ASSERT_THAT(each, SizeIs(2));
  EXPECT_EQ(each[0]["level"], "warn");
  EXPECT_EQ(each[0]["kind"], "full");
  EXPECT_EQ(each[0]["said"], "OOM command not allowed");
  EXPECT_EQ(each[1]["kind"], "misconf");
  EXPECT_EQ(tested.words_of(store_refusal::full), "OOM command not allowed");
  EXPECT_EQ(tested.words_of(store_refusal::busy), "");
  tested.tell_left_out(start + event_log::period);
  const auto later = lines();
  ASSERT_THAT(later, SizeIs(2));
  EXPECT_EQ(later[0]["kind"], "full");
  EXPECT_EQ(later[0]["left_out"], 999);
}

TEST_F(event_log_lines, keep_the_words_of_a_store_whatever_the_level) {
  begin(log_level::off);
  tested.refused(store_refusal::busy, "BUSY Redis is busy", start);
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_EQ(tested.words_of(store_refusal::busy), "BUSY Redis is busy");
}

TEST_F(event_log_lines, hold_the_probes_of_a_breaker_at_level_debug) {
  begin(log_level::debug);
  tested.breaker_changed(breaker_state::open, breaker_state::half_open,
                         breaker_reason::open_time_over, start);
  const auto told = lines();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0]["level"], "debug");
  EXPECT_EQ(told[0]["to"], "half_open");
}

TEST_F(event_log_lines, warn_of_each_way_in_which_a_breaker_opens) {
  for (const breaker_reason why : {breaker_reason::failure_rate, breaker_reason::slow_rate,
                                   breaker_reason::consecutive_failures})
    tested.breaker_changed(breaker_state::closed, breaker_state::open, why, start);
  const auto told = lines();
  ASSERT_THAT(told, SizeIs(3));
  for (const json& line : told)
    EXPECT_EQ(line["level"], "warn");
}

}  // namespace
}  // namespace turnomatic::telemetry
