// A million turns over many connections, workers and ids: unique, consecutive, in order.
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

namespace turnomatic::support {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t threads = 4;
constexpr std::size_t connections_per_thread = 8;
constexpr std::size_t ids = 20;
constexpr std::size_t pipeline = 10;
constexpr std::size_t turns = 1'000'000;
constexpr std::size_t rounds = turns / (threads * connections_per_thread * pipeline);
static_assert(rounds * threads * connections_per_thread * pipeline == turns);

struct taken_turn {
  std::uint64_t turn;
  steady::time_point sent;
  steady::time_point received;
};
using taken_turns = std::vector<std::vector<taken_turn>>;  // by id

std::string name_of(std::size_t id) {
  return "id" + std::to_string(id);
}

// One connection's requests of one round and what is known of them.
class client_round {
 public:
  client_round(tcp_client& client, std::minstd_rand& random) : client_{client} {
    std::string requests;
    for (std::size_t i = 0; i < pipeline; ++i) {
      asked_.push_back(random() % ids);
      requests += "GET /turno/" + name_of(asked_.back()) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }
    sent_ = steady::now();
    EXPECT_TRUE(client.send(requests));
  }

  void finish(taken_turns& into) {
    const parsed_answers parsed = client_.read_answers(pipeline);
    const auto received = steady::now();
    ASSERT_EQ(parsed.answers.size(), pipeline);
    for (std::size_t i = 0; i < pipeline; ++i) {
      const std::uint64_t turn = turn_of(parsed.answers[i].body, name_of(asked_[i]));
      ASSERT_GT(turn, 0U) << parsed.answers[i].body;
      into[asked_[i]].push_back({turn, sent_, received});
    }
    client_.forget_received();
  }

 private:
  tcp_client& client_;
  std::vector<std::size_t> asked_;
  steady::time_point sent_;
};

void take_turns(std::uint16_t port, unsigned seed, taken_turns& into) {
  std::minstd_rand random{seed};
  std::vector<tcp_client> clients;
  for (std::size_t i = 0; i < connections_per_thread; ++i)
    clients.emplace_back(port);
  for (std::size_t round = 0; round < rounds; ++round) {
    std::vector<client_round> under_way;
    for (tcp_client& client : clients)
      under_way.emplace_back(client, random);
    for (client_round& each : under_way)
      each.finish(into);
    if (testing::Test::HasFatalFailure())
      return;
  }
}

// In the order of the turns, no request may have been sent after a larger turn was received.
void expect_unique_consecutive_ordered(std::vector<taken_turn>& of_one_id) {
  std::sort(of_one_id.begin(), of_one_id.end(),
            [](const taken_turn& a, const taken_turn& b) { return a.turn < b.turn; });
  steady::time_point latest_sent{};
  for (std::size_t i = 0; i < of_one_id.size(); ++i) {
    ASSERT_EQ(of_one_id[i].turn, i + 1);
    ASSERT_GE(of_one_id[i].received, latest_sent) << "turn " << i + 1 << " was received first";
    latest_sent = std::max(latest_sent, of_one_id[i].sent);
  }
}

TEST(million_turns, are_unique_consecutive_and_in_order) {
  server_process server{{"--workers", "4"}};
  std::vector<taken_turns> taken(threads, taken_turns(ids));
  std::vector<std::thread> running;
  for (std::size_t t = 0; t < threads; ++t)
    running.emplace_back(take_turns, server.port(), static_cast<unsigned>(t + 1),
                         std::ref(taken[t]));
  for (std::thread& each : running)
    each.join();

  std::size_t all = 0;
  for (std::size_t id = 0; id < ids; ++id) {
    std::vector<taken_turn> of_one_id;
    for (const taken_turns& of_thread : taken)
      of_one_id.insert(of_one_id.end(), of_thread[id].begin(), of_thread[id].end());
    all += of_one_id.size();
    expect_unique_consecutive_ordered(of_one_id);
  }
  EXPECT_EQ(all, turns);
  EXPECT_TRUE(server.metric_becomes("turnomatic_turns_issued_total{backend=\"memory\"}",
                                    static_cast<double>(turns)));
}

}  // namespace
}  // namespace turnomatic::support
