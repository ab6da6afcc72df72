#include "integration/fault_sequence.hpp"

#include "support/eventually.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace turnomatic::integration {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using support::cut_by;
using support::direction;
using support::fault_proxy;
using support::redis_process;

milliseconds dice::between(milliseconds least, milliseconds greatest) {
  const double span = static_cast<double>(greatest.count()) / static_cast<double>(least.count());
  const double drawn = std::uniform_real_distribution<double>{}(random_);
  return milliseconds{std::lround(static_cast<double>(least.count()) * std::pow(span, drawn))};
}

void dice::wait(milliseconds least, milliseconds greatest) {
  std::this_thread::sleep_for(between(least, greatest));
}

cut_by dice::way_to_cut() {
  return below(2) == 0 ? cut_by::fin : cut_by::reset;
}

std::vector<fault> faults_of_store(redis_process& redis) {
  return {{"kill",
           [&redis](dice& random) {
             redis.kill();
             random.wait(1ms, 300ms);
             redis.restart();
           }},
          {"stand still",
           [&redis](dice& random) {
             redis.stop_answering();
             random.wait(50ms, 3000ms);
             redis.go_on();
           }},
          {"script flush",
           [&redis](dice&) {
             redis.command({"SCRIPT", "FLUSH"});
           }},
          {"full",
           [&redis](dice& random) {
             redis.command({"CONFIG", "SET", "maxmemory", "1"});
             random.wait(5ms, 200ms);
             redis.command({"CONFIG", "SET", "maxmemory", "0"});
           }},
          {"replica",
           [&redis](dice& random) {
             redis.command({"REPLICAOF", "127.0.0.1", "1"});
             random.wait(5ms, 300ms);
             redis.command({"REPLICAOF", "NO", "ONE"});
           }},
          {"client kill",
           [&redis](dice&) {
             redis.command({"CLIENT", "KILL", "TYPE", "normal"});
           }},
          {"busy", [&redis](dice& random) {
             support::redis_client endless = redis.connect();
             endless.send({"EVAL", "while true do end", "0"});
             random.wait(10ms, 300ms);
             EXPECT_TRUE(support::eventually([&] {
               return redis.command({"SCRIPT", "KILL"}).text == "OK";
             }));
           }}};
}

std::vector<fault> losses_of_store(redis_process& redis) {
  redis.keep_copy();
  return {{"keep a copy", [&redis](dice&) { redis.keep_copy(); }},
          {"return to a copy", [&redis](dice& random) {
             random.wait(1ms, 2000ms);
             redis.return_to_copy();
           }}};
}

std::vector<fault> faults_of_way(fault_proxy& proxy) {
  return {{"cut", [&proxy](dice& random) { proxy.cut_all(random.way_to_cut()); }},
          {"cut in mid reply",
           [&proxy](dice& random) {
             proxy.cut_after(direction::to_client, random.below(400), random.way_to_cut(),
                             1 + random.below(4));
           }},
          {"cut in mid request",
           [&proxy](dice& random) {
             proxy.cut_after(direction::to_server, random.below(2000), random.way_to_cut());
           }},
          {"ghosts",
           [&proxy](dice& random) {
             proxy.hold(direction::to_server);
             random.wait(1ms, 20ms);
             proxy.leave_ghosts(random.way_to_cut());
             proxy.release();
             random.wait(1ms, 500ms);
             proxy.wake_ghosts();
           }},
          {"hold",
           [&proxy](dice& random) {
             proxy.hold(random.below(2) == 0 ? direction::to_server : direction::to_client);
             random.wait(5ms, 500ms);
             proxy.release();
           }},
          {"delay",
           [&proxy](dice& random) {
             proxy.delay(direction::to_server, random.between(1ms, 50ms));
             proxy.delay(direction::to_client, random.between(1ms, 50ms));
             random.wait(50ms, 300ms);
             proxy.pass();
           }},
          {"pieces",
           [&proxy](dice& random) {
             proxy.split(direction::to_client, 1 + random.below(40));
             random.wait(10ms, 100ms);
             proxy.pass();
           }},
          {"refuse", [&proxy](dice& random) {
             proxy.refuse_connections();
             proxy.cut_all(random.way_to_cut());
             random.wait(5ms, 300ms);
             proxy.accept_connections();
           }}};
}

fault_sequence::fault_sequence(std::vector<fault> deck, dice random, milliseconds pause_max)
    : deck_{std::move(deck)},
      random_{random},
      pause_max_{pause_max},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

fault_counts fault_sequence::finish() {
  thread_.request_stop();
  thread_.join();
  return std::move(done_);
}

void fault_sequence::run(const std::stop_token& stop) {
  try {
    while (!stop.stop_requested()) {
      std::shuffle(deck_.begin(), deck_.end(), random_.source());
      for (const fault& each : deck_) {
        if (stop.stop_requested())
          return;
        each.cause(random_);
        ++done_[each.name];
        random_.wait(10ms, pause_max_);
      }
    }
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
}

}  // namespace turnomatic::integration
