#include "app/supervisor.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace turnomatic::app {
namespace {

using namespace std::chrono_literals;

/// A service manager that takes messages, or has no room for them.
struct manager {
  std::vector<std::string> taken{};
  bool full{false};
  int refused{0};

  [[nodiscard]] supervisor::sender sender() {
    return [this](std::string_view message) {
      if (full) {
        ++refused;
        return std::make_error_code(std::errc::resource_unavailable_try_again);
      }
      taken.emplace_back(message.substr(0, message.find('=')));
      return std::error_code{};
    };
  }
};

using messages = std::vector<std::string>;

TEST(supervisor, says_each_thing_once) {
  manager listening;
  supervisor tested{listening.sender()};
  tested.notify_ready("x");
  tested.notify_reloading();
  tested.notify_ready("x");
  tested.notify_alive();
  tested.notify_stopping();
  tested.extend_timeout(1s);
  tested.repeat();
  EXPECT_EQ(listening.taken, (messages{"READY", "RELOADING", "READY", "WATCHDOG", "STOPPING",
                                       "EXTEND_TIMEOUT_USEC"}));
}

TEST(supervisor, repeats_what_the_manager_waits_for_in_order_until_it_is_taken) {
  manager deaf{.full = true};
  supervisor tested{deaf.sender()};
  tested.notify_ready("x");
  tested.notify_reloading();
  tested.notify_ready("x");
  tested.notify_stopping();
  tested.repeat();
  EXPECT_EQ(deaf.taken, messages{});
  deaf.full = false;
  tested.repeat();
  tested.repeat();
  EXPECT_EQ(deaf.taken, (messages{"READY", "RELOADING", "READY", "STOPPING"}));
}

TEST(supervisor, does_not_repeat_what_the_next_beat_says_anew) {
  manager deaf{.full = true};
  supervisor tested{deaf.sender()};
  tested.notify_alive();
  tested.extend_timeout(1s);
  deaf.full = false;
  tested.repeat();
  EXPECT_EQ(deaf.taken, messages{});
}

TEST(supervisor, keeps_the_last_of_too_many) {
  manager deaf{.full = true};
  supervisor tested{deaf.sender()};
  tested.notify_ready("x");
  for (int i = 0; i < 100; ++i) {
    tested.notify_reloading();
    tested.notify_ready("x");
  }
  tested.notify_stopping();
  deaf.full = false;
  tested.repeat();
  EXPECT_EQ(deaf.taken,
            (messages{"READY", "RELOADING", "READY", "RELOADING", "READY", "STOPPING"}));
}

TEST(supervisor, asks_a_full_manager_once_a_beat) {
  manager deaf{.full = true};
  supervisor tested{deaf.sender()};
  tested.notify_ready("x");
  tested.notify_stopping();
  deaf.refused = 0;
  tested.repeat();
  EXPECT_EQ(deaf.refused, 1);
}

TEST(supervisor, does_nothing_without_a_manager) {
  supervisor tested{supervisor::sender{}};
  tested.notify_ready("x");
  tested.notify_alive();
  tested.repeat();
}

}  // namespace
}  // namespace turnomatic::app
