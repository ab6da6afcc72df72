#include "app/config/breaker_keys.hpp"

#include "app/config/make_key.hpp"

namespace turnomatic::app {

namespace {

using namespace std::chrono_literals;

void add_judgement(std::vector<key>& table) {
  table.push_back(choice_key<breaker_mode>(
      "breaker.mode", lifetime::live,
      {{{"automatic", breaker_mode::automatic},
        {"forced_open", breaker_mode::forced_open},
        {"disabled", breaker_mode::disabled},
        {"metrics_only", breaker_mode::metrics_only}}},
      [](auto& c) -> auto& { return c.breaker.mode; },
      "what the breaker does: act by itself, refuse all calls, nothing, or only count what it "
      "would do"));
  table.push_back(duration_key(
      "breaker.window", lifetime::live, {100ms, 1h},
      [](auto& c) -> auto& { return c.breaker.window; },
      "the breaker judges the calls of this span, up to now"));
  table.push_back(count_key(
      "breaker.minimum_calls", lifetime::live, "calls", {1, 1'000'000},
      [](auto& c) -> auto& { return c.breaker.minimum_calls; },
      "with fewer calls in the window no share of them opens the breaker"));
  table.push_back(count_key(
      "breaker.failure_percent", lifetime::live, "percent", {1, 100},
      [](auto& c) -> auto& { return c.breaker.failure_percent; },
      "the share of failed calls that opens the breaker"));
  table.push_back(duration_key(
      "breaker.slow_call", lifetime::live, {1ms, 1h},
      [](auto& c) -> auto& { return c.breaker.slow_call; },
      "a call that takes longer counts as slow"));
  table.push_back(count_key(
      "breaker.slow_percent", lifetime::live, "percent", {1, 100},
      [](auto& c) -> auto& { return c.breaker.slow_percent; },
      "the share of slow calls that opens the breaker"));
  table.push_back(count_key(
      "breaker.consecutive_failures", lifetime::live, "calls", {0, 1'000},
      [](auto& c) -> auto& { return c.breaker.consecutive_failures; },
      "failures in a row that open the breaker at once; 0: never by this"));
}

void add_recovery(std::vector<key>& table) {
  table.push_back(duration_key(
      "breaker.open_min", lifetime::live, {1ms, 1h},
      [](auto& c) -> auto& { return c.breaker.open_min; },
      "how long the breaker is open before its first probe"));
  table.push_back(duration_key(
      "breaker.open_max", lifetime::live, {1ms, 1h},
      [](auto& c) -> auto& { return c.breaker.open_max; },
      "how long an open breaker waits for its next probe at most, however many have failed"));
  table.push_back(duration_key(
      "breaker.probe_deadline", lifetime::live, {1ms, 1h},
      [](auto& c) -> auto& { return c.breaker.probe_deadline; },
      "how long a probe may take; then it has failed"));
}

}  // namespace

void add_breaker_keys(std::vector<key>& table) {
  add_judgement(table);
  add_recovery(table);
}

}  // namespace turnomatic::app
