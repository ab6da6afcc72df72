// A coalescer whose takes, packets and clock are in the test's hands.
#pragma once

#include "core/coalescer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace turnomatic {

/// Keeps what it was told.
struct fake_take final : take_operation {
  explicit fake_take(std::string_view name) { id = counter_id::from_text(name); }

  void complete(result_type result) noexcept override {
    ++completions;
    outcome = result;
    if (then)
      then();
  }
  [[nodiscard]] turn_range range() const { return outcome && *outcome ? **outcome : turn_range{}; }
  [[nodiscard]] std::optional<errc> error() const {
    if (!outcome || *outcome)
      return {};
    return static_cast<errc>(outcome->error().value());
  }

  std::optional<result_type> outcome;
  int completions{0};
  std::function<void()> then;  ///< what its owner does when it completes
};

/// As "a b*3 b/key": two batches without a key, one of them of three turns, and one under a key.
inline std::string text_of(const packet& of) {
  std::string text;
  for (const batch& each : of) {
    text.append(text.empty() ? "" : " ").append(each.id.text());
    if (!each.key.empty())
      text.append("/").append(each.key);
    if (each.turns != 1)
      text.append("*").append(std::to_string(each.turns));
  }
  return text;
}

class coalescing {
 public:
  static constexpr coalescer::settings wide{
      .batch_max = 100, .queue_max = 1000, .queue_max_per_id = 1000};

  explicit coalescing(const coalescer::settings& limits = wide) : tested{limits, 1} {}

  fake_take& make(std::string_view id, std::uint32_t count = 1) {
    fake_take& made = takes.emplace_back(id);
    made.count = count;
    made.deadline = now + std::chrono::seconds{1};
    return made;
  }
  fake_take& add(std::string_view id, std::uint32_t count = 1) { return enqueue(make(id, count)); }
  fake_take& add_keyed(std::string_view id, std::string_view key) {
    fake_take& made = make(id);
    made.key = key;
    return enqueue(made);
  }
  fake_take& add_until(std::string_view id, time_point deadline) {
    fake_take& made = make(id);
    made.deadline = deadline;
    return enqueue(made);
  }

  /// Fills `sent` and says what is in it.
  std::string fill(const packet_limits& limits = {}) {
    sent.clear();
    tested.fill(sent, limits, now);
    return text_of(sent);
  }
  std::string fill(std::size_t batches_max) { return fill(packet_limits{batches_max}); }
  /// All that is under way gets turns, each batch from 1.
  void settle() {
    for (batch& each : sent) {
      if (!each.under_way())
        continue;
      EXPECT_EQ(tested.settle(each, {1, each.turns}), 0U);
    }
  }
  void give_back() {
    for (batch& each : sent)
      tested.give_back(each);
  }

  time_point now{std::chrono::seconds{1000}};
  std::deque<fake_take> takes;
  packet sent;
  coalescer tested;

 private:
  fake_take& enqueue(fake_take& made) {
    EXPECT_TRUE(tested.enqueue(made));
    return made;
  }
};

}  // namespace turnomatic
