#include "app/uncaught_exception.hpp"

#include "telemetry/log.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

namespace turnomatic::app {
namespace {

/// In a process of its own, whose standard error is looked at.
class uncaught_exception : public testing::Test {
 protected:
  uncaught_exception() { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }

  template <class Thrown>
  static void die_of(const Thrown& thrown) {
    end_by_uncaught_exceptions();
    log::initialise({.format = log_format::text});
    for (int i = 0; i < 100; ++i)
      log::info("before", {{"i", i}});
    std::thread{[&] { throw thrown; }}.join();
  }
};

// GoogleTest matches with POSIX expressions, in which a dot is any character but a line feed.
TEST_F(uncaught_exception, ends_the_process_with_its_text_and_all_that_was_logged_before) {
  EXPECT_EXIT(die_of(std::runtime_error{"disk on fire"}), testing::KilledBySignal(SIGABRT),
              "before i=99\n[^\n]* error uncaught exception: ending what=\"disk on fire\"");
}

TEST_F(uncaught_exception, of_no_known_type_is_told_likewise) {
  EXPECT_EXIT(die_of(7), testing::KilledBySignal(SIGABRT), "what=\"of an unknown type\"");
}

TEST_F(uncaught_exception, is_told_even_if_the_log_cannot_take_it) {
  const auto die = [] {
    end_by_uncaught_exceptions();
    log::initialise({.sink = [](std::string_view) { return false; }});
    std::thread{[] { throw std::runtime_error{"disk on fire"}; }}.join();
  };
  EXPECT_EXIT(die(), testing::KilledBySignal(SIGABRT), "uncaught exception: disk on fire\n");
}

}  // namespace
}  // namespace turnomatic::app
