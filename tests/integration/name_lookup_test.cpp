// A resolver that hangs holds up nobody.
#include "support/server_process.hpp"

#include <gtest/gtest.h>
#include <sysexits.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

class hanging_name_lookup : public testing::Test {
 protected:
  // Its counters are at a host whose name is looked up for ever, by both workers.
  static server_process serve() {
    return server_process{{"--backend", "redis", "--redis-url", "redis://redis.invalid",
                           "--redis-connect-timeout", "50ms", "--workers", "2"},
                          {.environment = {{"LD_PRELOAD", TURNOMATIC_HANGING_RESOLVER_PATH},
                                           {"ASAN_OPTIONS", "verify_asan_link_order=0"}}}};
  }
};

TEST_F(hanging_name_lookup, does_not_hold_up_the_end) {
  server_process server = serve();
  EXPECT_EQ(server.get("/turno/a").status, 503);
  const auto begin = std::chrono::steady_clock::now();
  server.process().signal(SIGINT);
  const auto ending = server.process().wait(20s);
  ASSERT_TRUE(ending);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
  EXPECT_TRUE(ending->exited && ending->code == EX_OK);
}

// Each attempt to connect gives up after 50 ms and begins another.
TEST_F(hanging_name_lookup, takes_one_thread_a_worker_however_often_it_is_tried_again) {
  const server_process server = serve();
  const double before = server.metric("process_threads");
  std::this_thread::sleep_for(1s);
  EXPECT_LE(server.metric("process_threads"), before + 2);  // the first ones may have been missed
}

}  // namespace
}  // namespace turnomatic::support
