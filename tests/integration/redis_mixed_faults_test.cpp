// Two instances on one Redis while everything goes wrong at once, in an order that is drawn, under
// a load that is proven. TURNOMATIC_FAULTS_SECONDS makes it longer, TURNOMATIC_FAULTS_SEED draws
// the same again; see CONTRIBUTING.md.
#include "integration/fault_sequence.hpp"
#include "integration/proven_load.hpp"
#include "integration/redis_service.hpp"
#include "support/eventually.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_process.hpp"
#include "support/server_process.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using support::fault_proxy;
using support::redis_process;
using support::server_process;

struct wish {
  std::chrono::seconds duration{8};
  std::optional<unsigned long> seed;
};

std::optional<unsigned long> taken_from_environment(const char* name) noexcept {
  const char* const text = std::getenv(name);
  if (text == nullptr)
    return {};
  const unsigned long value = std::strtoul(text, nullptr, 10);
  ::unsetenv(name);
  return value;
}

wish made_in_environment() noexcept {
  wish result;
  if (const auto seconds = taken_from_environment("TURNOMATIC_FAULTS_SECONDS"))
    result.duration = std::chrono::seconds{*seconds};
  result.seed = taken_from_environment("TURNOMATIC_FAULTS_SEED");
  return result;
}

// Before any test: a service that inherited these variables would refuse to start, as it does with
// every TURNOMATIC_ variable that it does not know.
const wish wished = made_in_environment();

constexpr double workers = 2;

bool has_recovered(const server_process& server) {
  return support::eventually([&] {
    return server.metric("turnomatic_store_lanes{state=\"counting\"}") == workers &&
           server.get("/turno/probe").status == 200;
  });
}

std::string burned(const server_process& server) {
  std::string text;
  for (const char* const reason : {"client_gone", "deadline", "outcome_unknown", "store_loss"}) {
    const double turns =
        server.metric("turnomatic_turns_burned_total{reason=\"" + std::string{reason} + "\"}");
    text += " " + std::string{reason} + " " + std::to_string(std::llround(turns));
  }
  return text;
}

void report(const load_result& found, const fault_counts& counts) {
  const bench::verdict& proof = found.run.proof;
  std::cout << "turns " << proof.turns << ", duplicates " << proof.duplicates << ", inversions "
            << proof.inversions << ", unknown outcomes " << proof.unknown_outcomes << ", missing "
            << proof.missing << " (explained by unknown outcomes " << proof.explained_by_unknown
            << ", by the account " << proof.explained_by_account << "), unexplained "
            << proof.unexplained << "\nanswers:";
  for (const auto& [status, number] : found.run.statuses)
    std::cout << ' ' << status << ": " << number;
  std::cout << "\nfaults:";
  for (const auto& [name, number] : counts)
    std::cout << ' ' << name << ": " << number;
  std::cout << '\n';
}

/// What differs from test to test; the rest is drawn.
struct setting {
  std::vector<std::string> arguments;
  std::chrono::seconds duration;
  bool losses{false};  ///< Redis also comes back with what it held before
};

void stays_proven(const setting& how) {
  const unsigned long seed = wished.seed.value_or(std::random_device{}() % 1'000'000);
  const std::string how_to_repeat = "TURNOMATIC_FAULTS_SEED=" + std::to_string(seed);
  SCOPED_TRACE(how_to_repeat);
  dice random{seed + 1};  // of 0 this generator makes nothing but 0
  redis_process redis{{.append_only = true, .arguments = {"--busy-reply-threshold", "20"}}};
  std::array<fault_proxy, 2> proxies{fault_proxy{redis.port()}, fault_proxy{redis.port()}};
  std::vector<std::string> arguments = how.arguments;
  const std::string stall_timeout = random.below(2) == 0 ? "200ms" : "2s";
  std::cout << how_to_repeat << ": stall timeout " << stall_timeout << '\n' << std::flush;
  arguments.insert(arguments.end(), {"--redis-stall-timeout", stall_timeout});
  const server_process first = serve(url_of(proxies[0].port()), arguments);
  // This one goes on trying: more of its batches meet a fault.
  arguments.insert(arguments.end(), {"--breaker-mode", "disabled", "--redis-reconnect-min", "1ms",
                                     "--redis-reconnect-max", "20ms"});
  const server_process second = serve(url_of(proxies[1].port()), arguments);
  ASSERT_TRUE(has_recovered(first) && has_recovered(second));

  fault_counts counts;
  const load_order load{.servers = {&first, &second}, .at_most = how.duration + 60s};
  const load_result found = load_while(load, [&] {
    std::vector<fault> of_store = faults_of_store(redis);
    if (how.losses) {
      for (fault& each : losses_of_store(redis))
        of_store.push_back(std::move(each));
    }
    std::array<fault_sequence, 3> sequences{
        // A store that is lost again before the grace has passed is never open.
        fault_sequence{std::move(of_store), dice{random.below(1'000'000) + 1},
                       how.losses ? 6'000ms : 600ms},
        fault_sequence{faults_of_way(proxies[0]), dice{random.below(1'000'000) + 1}, 400ms},
        fault_sequence{faults_of_way(proxies[1]), dice{random.below(1'000'000) + 1}, 400ms}};
    std::this_thread::sleep_for(how.duration);
    for (fault_sequence& each : sequences) {
      for (const auto& [name, number] : each.finish())
        counts[name] += number;
    }
    for (fault_proxy& each : proxies)
      each.pass();
    EXPECT_TRUE(has_recovered(first) && has_recovered(second));
    std::this_thread::sleep_for(300ms);  // what was left open is asked about, and then counted
  });
  for (fault_proxy& each : proxies)
    counts["ghosts that spoke"] += each.count().ghosts;
  report(found, counts);
  std::cout << "burned by the first:" << burned(first)
            << "\nburned by the second:" << burned(second) << '\n';
  expect_proven(found);
  EXPECT_GT(found.run.proof.turns, 100U) << "next to nothing was counted";
  // No request of unknown outcome is needed to explain a gap: the instances lived through it all.
  EXPECT_LE(found.run.proof.missing, found.run.burned.value_or(0));
}

TEST(redis_mixed_faults, no_turn_is_handed_out_twice_and_none_is_lost_unseen) {
  stays_proven({.arguments = {}, .duration = wished.duration});
}

// A grace that no fault on the way outlasts: an instance that is not heard within it can lose
// numbers to others, as docs/guarantees.md says.
TEST(redis_mixed_faults, nor_are_they_when_older_copies_are_restored_and_counters_go_on) {
  stays_proven({.arguments = {"--redis-on-loss", "skip", "--redis-recovery-grace", "2s"},
                .duration = wished.duration,
                .losses = true});
}

TEST(redis_mixed_faults, nor_are_they_when_older_copies_are_restored_and_counters_are_halted) {
  stays_proven({.arguments = {"--redis-on-loss", "halt", "--redis-recovery-grace", "2s"},
                .duration = wished.duration,
                .losses = true});
}

TEST(redis_mixed_faults, a_redis_that_is_loading_is_waited_for) {
  redis_process redis{{.arguments = {"--dbfilename", "dump.rdb", "--save", "3600 1",
                                     "--enable-debug-command", "local",
                                     // About a second, and it answers LOADING meanwhile.
                                     "--key-load-delay", "500",
                                     "--loading-process-events-interval-bytes", "1024"}}};
  redis.command({"DEBUG", "POPULATE", "2000", "filler", "100"});
  const fault_proxy proxy{redis.port()};
  const server_process server = serve(url_of(proxy.port()), {"--request-deadline", "5s"});
  ASSERT_TRUE(has_recovered(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    std::jthread restarting{[&] { redis.restart(); }};  // in good order: all of it is saved
    EXPECT_TRUE(support::eventually([&] {
      try {
        return redis.command({"GET", "any"}).text.starts_with("LOADING");
      } catch (const std::exception&) {
        return false;
      }
    }));
    restarting.join();
    EXPECT_TRUE(has_recovered(server));
  });
  expect_proven(found);
  // The packet that the end of the server met counts twice where it was not executed before it:
  // that is an upper bound, and each connection has one turn in it at most.
  EXPECT_LE(server.metric("turnomatic_turns_burned_total{reason=\"outcome_unknown\"}"),
            load_order{}.connections);
  EXPECT_EQ(server.metric("turnomatic_store_losses_total"), 0);
}

}  // namespace
}  // namespace turnomatic::integration
