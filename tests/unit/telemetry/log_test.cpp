#include "telemetry/log.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::log {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

/// Collects lines; can be held so that its caller gets stuck.
class recorder {
 public:
  line_sink sink() {
    return [shared = shared_](std::string_view line) {
      const std::lock_guard held{shared->gate};
      const std::lock_guard lock{shared->mutex};
      shared->lines.emplace_back(line);
      shared->arrived.notify_all();
      return true;
    };
  }

  [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock{shared_->gate}; }

  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock{shared_->mutex};
    return shared_->lines;
  }

  void wait_for_lines(std::size_t count) {
    std::unique_lock lock{shared_->mutex};
    shared_->arrived.wait(lock, [&] { return shared_->lines.size() >= count; });
  }

 private:
  struct shared {
    std::mutex gate;
    std::mutex mutex;
    std::condition_variable arrived;
    std::vector<std::string> lines;
  };
  std::shared_ptr<shared> shared_ = std::make_shared<shared>();  // a stuck thread outlives a test
};

class log_test : public testing::Test {
 protected:
  ~log_test() override {
    shutdown();
    set_level(log_level::info);
  }

  void start(std::size_t capacity = 4096, log_level level = log_level::info) {
    initialise({.level = level,
                .format = log_format::text,
                .queue_capacity = capacity,
                .sink = recorder_.sink()});
  }

  recorder recorder_;
};

TEST_F(log_test, writes_a_line_to_the_sink) {
  start();
  warn("accepting paused", {{"reason", "out_of_file_descriptors"}});
  ASSERT_TRUE(flush());
  EXPECT_THAT(recorder_.lines(),
              ElementsAre(EndsWith(" warn  accepting paused reason=out_of_file_descriptors\n")));
}

TEST_F(log_test, keeps_the_order_of_one_thread) {
  start();
  for (int i = 0; i < 100; ++i)
    info("m", {{"i", i}});
  ASSERT_TRUE(flush());
  const auto lines = recorder_.lines();
  ASSERT_EQ(lines.size(), 100u);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_THAT(lines[i], EndsWith(" i=" + std::to_string(i) + "\n"));
  }
}

TEST_F(log_test, leaves_out_what_is_below_the_level) {
  start(10, log_level::warn);
  write(log_level::debug, "d");
  info("i");
  warn("w");
  error("e");
  ASSERT_TRUE(flush());
  EXPECT_THAT(recorder_.lines(), ElementsAre(EndsWith(" w\n"), EndsWith(" e\n")));
}

TEST_F(log_test, follows_a_change_of_the_level_at_once) {
  start();
  EXPECT_FALSE(enabled(log_level::debug));
  set_level(log_level::debug);
  EXPECT_TRUE(enabled(log_level::debug));
  set_level(log_level::off);
  EXPECT_FALSE(enabled(log_level::error));
  EXPECT_FALSE(enabled(log_level::off));
}

TEST_F(log_test, carries_a_line_longer_than_any_inner_buffer) {
  start();
  const std::string longest(100'000, 'x');
  info("m", {{"k", longest}});
  ASSERT_TRUE(flush());
  EXPECT_THAT(recorder_.lines(), ElementsAre(EndsWith(longest + "\n")));
}

TEST_F(log_test, drops_the_oldest_lines_and_counts_them_when_the_sink_is_stuck) {
  start(4);
  const std::uint64_t before = dropped();
  std::size_t written = 0;
  {
    const auto held = recorder_.hold();
    for (int i = 0; i < 100; ++i)
      info("m", {{"i", i}});
    EXPECT_GE(dropped() - before, 95u);  // 4 wait, and one may be in the sink's hands
  }
  ASSERT_TRUE(flush());
  const auto lines = recorder_.lines();
  written = lines.size();
  EXPECT_EQ(written + dropped() - before, 100u);
  EXPECT_THAT(lines.back(), EndsWith(" i=99\n"));
}

TEST_F(log_test, drops_nothing_while_the_queue_has_room) {
  start(100);
  const std::uint64_t before = dropped();
  const auto held = recorder_.hold();
  for (int i = 0; i < 100; ++i)
    info("m");
  EXPECT_EQ(dropped(), before);
}

TEST_F(log_test, gives_up_a_flush_when_the_sink_is_stuck) {
  start();
  const auto held = recorder_.hold();
  info("m");
  EXPECT_FALSE(flush(1ms));
}

TEST_F(log_test, drains_the_queue_at_shutdown) {
  start();
  for (int i = 0; i < 500; ++i)
    info("m");
  shutdown();
  EXPECT_EQ(recorder_.lines().size(), 500u);
}

TEST_F(log_test, shuts_down_in_bounded_time_when_the_sink_is_stuck) {
  start();
  const std::uint64_t before = dropped();
  {
    const auto held = recorder_.hold();
    for (int i = 0; i < 3; ++i)
      info("m");
    shutdown(1ms);
    EXPECT_EQ(dropped() - before, 3u);
  }
  recorder_.wait_for_lines(3);  // the sink came to life again, too late
}

TEST_F(log_test, may_be_shut_down_twice) {
  start();
  shutdown();
  shutdown();
  EXPECT_TRUE(flush());
}

TEST_F(log_test, may_be_started_again_after_it_was_shut_down) {
  recorder first;
  initialise({.format = log_format::text, .sink = first.sink()});
  info("one");
  shutdown();
  start();
  info("two");
  ASSERT_TRUE(flush());
  EXPECT_THAT(first.lines(), ElementsAre(HasSubstr("one")));
  EXPECT_THAT(recorder_.lines(), ElementsAre(HasSubstr("two")));
}

TEST_F(log_test, counts_a_line_that_the_sink_does_not_take) {
  const std::uint64_t before = dropped();
  initialise({.sink = [](std::string_view) { return false; }});
  info("m");
  ASSERT_TRUE(flush());
  EXPECT_EQ(dropped() - before, 1u);
  shutdown();
  EXPECT_EQ(dropped() - before, 1u);
}

TEST_F(log_test, survives_a_sink_that_throws) {
  const std::uint64_t before = dropped();
  initialise({.sink = [](std::string_view) -> bool { throw std::runtime_error{"disk full"}; }});
  info("one");
  info("two");
  ASSERT_TRUE(flush());
  EXPECT_EQ(dropped() - before, 2u);
}

TEST_F(log_test, writes_to_standard_error_while_there_is_no_queue) {
  testing::internal::CaptureStderr();
  info("before the start", {{"k", 1}});
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_THAT(written, HasSubstr("before the start"));
  EXPECT_THAT(written, EndsWith("\n"));
}

TEST_F(log_test, writes_json_to_standard_error_that_is_no_terminal) {
  testing::internal::CaptureStderr();
  initialise({});
  info("m");
  shutdown();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::MatchesRegex(
                  R"(\{"time":"[^"]+","level":"info","severity":"INFO","message":"m"\}.)"));
}

TEST_F(log_test, loses_nothing_when_many_threads_write_while_it_shuts_down) {
  const std::uint64_t before = dropped();
  testing::internal::CaptureStderr();
  start(10'000);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 500; ++i)
          info("m", {{"i", i}});
      });
    }
    recorder_.wait_for_lines(1);
    shutdown();
  }
  const std::string directly = testing::internal::GetCapturedStderr();
  EXPECT_EQ(recorder_.lines().size() +
                static_cast<std::size_t>(std::count(directly.begin(), directly.end(), '\n')),
            2'000u);
  EXPECT_EQ(dropped(), before);
}

}  // namespace
}  // namespace turnomatic::log
