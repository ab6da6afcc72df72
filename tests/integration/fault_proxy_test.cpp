// The proxy that other tests break connections with: it breaks what it is told to, there and then,
// and nothing else. The server behind it is a real Redis.
#include "support/fault_proxy.hpp"

#include "support/eventually.hpp"
#include "support/redis_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <ctime>
#include <limits>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;
using end = tcp_client::end;

const std::string ping = "PING\r\n";
const std::string pong = "+PONG\r\n";
const std::string increment = "INCR a\r\n";

class a_fault_proxy : public testing::Test {
 protected:
  [[nodiscard]] redis_reply counter() { return redis.command({"GET", "a"}); }
  [[nodiscard]] bool counter_becomes(const std::string& value) {
    return eventually([&] { return counter() == redis_reply::bulk(value); });
  }
  /// All that comes until the connection ends, and how it does.
  [[nodiscard]] static std::pair<std::string, end> rest_of(tcp_client& client) {
    const end how = client.read_to_end();
    return {client.received(), how};
  }
  [[nodiscard]] bool pings() { return redis_client{proxy.port()}.command({"PING"}).text == "PONG"; }

  redis_process redis;
  fault_proxy proxy{redis.port()};
};

TEST_F(a_fault_proxy, passes_and_counts_what_it_is_given) {
  {
    redis_client client{proxy.port()};
    EXPECT_EQ(client.command({"PING"}), redis_reply::simple("PONG"));
    const auto counts = proxy.count();
    EXPECT_EQ(counts.accepted, 1U);
    EXPECT_EQ(counts.open, 1U);
    EXPECT_EQ(counts.bytes_to_server, std::string{"*1\r\n$4\r\nPING\r\n"}.size());
    EXPECT_EQ(counts.bytes_to_client, pong.size());
  }
  EXPECT_TRUE(eventually([&] { return proxy.count().open == 0; }));
  EXPECT_EQ(proxy.count().cut, 0U);
}

std::string noise(std::size_t size) {
  std::mt19937 random{20261123};
  std::string bytes(size, '\0');
  for (char& byte : bytes)
    byte = static_cast<char>(random());
  return bytes;
}

TEST_F(a_fault_proxy, changes_no_byte_also_when_it_splits_into_single_ones) {
  const std::string value = noise(5000);
  for (const direction which : {direction::to_server, direction::to_client})
    proxy.split(which, 1);
  redis_client client{proxy.port()};
  EXPECT_EQ(client.command({"SET", "value", value}), redis_reply::simple("OK"));
  EXPECT_EQ(redis.command({"GET", "value"}), redis_reply::bulk(value));
  EXPECT_EQ(client.command({"GET", "value"}), redis_reply::bulk(value));
}

TEST_F(a_fault_proxy, changes_no_byte_of_more_than_it_takes_at_once) {
  const std::string value = noise(5 * proxy_flow::waiting_bytes_max);
  redis_client client{proxy.port()};
  EXPECT_EQ(client.command({"SET", "value", value}), redis_reply::simple("OK"));
  EXPECT_EQ(client.command({"GET", "value"}), redis_reply::bulk(value));
}

TEST_F(a_fault_proxy, lets_a_receiver_see_the_pieces) {
  proxy.split(direction::to_client, 3, 20ms);
  tcp_client client{proxy.port()};
  const auto begin = std::chrono::steady_clock::now();
  client.send(ping + "QUIT\r\n");
  EXPECT_EQ(rest_of(client), std::pair(pong + "+OK\r\n", end::closed));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 60ms) << "twelve bytes, three pauses";
}

TEST_F(a_fault_proxy, delays_each_direction) {
  for (const direction which : {direction::to_server, direction::to_client}) {
    proxy.pass();
    redis_client client{proxy.port()};
    EXPECT_EQ(client.command({"PING"}).text, "PONG");
    proxy.delay(which, 60ms);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(client.command({"PING"}).text, "PONG");
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 60ms);
    // A delay that is taken back is so for what already waits.
    proxy.delay(which, 1h);
    client.send({"PING"});
    EXPECT_FALSE(client.read_within(20ms));
    proxy.delay(which, 0ms);
    EXPECT_EQ(client.read().text, "PONG");
  }
}

TEST_F(a_fault_proxy, cuts_a_reply_exactly_after_so_many_bytes) {
  for (std::size_t size = 0; size <= pong.size(); ++size) {
    for (const auto& [how, seen] :
         {std::pair{cut_by::fin, end::closed}, {cut_by::reset, end::reset}}) {
      proxy.cut_after(direction::to_client, size, how);
      tcp_client client{proxy.port()};
      client.send(ping);
      EXPECT_EQ(rest_of(client), std::pair(pong.substr(0, size), seen));
    }
  }
  EXPECT_EQ(proxy.count().cut, 2 * (pong.size() + 1));
}

TEST_F(a_fault_proxy, cuts_a_long_reply_exactly_too_however_late_it_is_read) {
  constexpr std::size_t size = 3'000'000;
  redis.command({"SET", "value", std::string(2 * size, 'x')});
  for (const auto& [how, seen] :
       {std::pair{cut_by::fin, end::closed}, {cut_by::reset, end::reset}}) {
    proxy.cut_after(direction::to_client, size, how);
    tcp_client client{proxy.port()};
    client.send("GET value\r\n");
    // As far as it gets while nobody reads.
    EXPECT_TRUE(eventually([&] { return proxy.count().bytes_to_client > 100'000; }));
    EXPECT_EQ(client.read_to_end(), seen);
    EXPECT_EQ(client.received().size(), size);
  }
}

TEST_F(a_fault_proxy, counts_the_bytes_before_a_cut_from_its_order_on) {
  redis_client client{proxy.port()};
  EXPECT_EQ(client.command({"PING"}).text, "PONG");
  proxy.cut_after(direction::to_client, 2 * pong.size() + 1, cut_by::fin);
  EXPECT_EQ(client.command({"PING"}).text, "PONG");
  EXPECT_EQ(client.command({"PING"}).text, "PONG");
  EXPECT_EQ(proxy.count().cut, 0U);
  EXPECT_THROW(client.command({"PING"}), std::runtime_error);
  EXPECT_EQ(proxy.count().cut, 1U);
  EXPECT_TRUE(pings()) << "it was told to cut once";
}

TEST_F(a_fault_proxy, cuts_as_often_as_it_is_told) {
  proxy.cut_before_reply(cut_by::fin, 3);
  for (int i = 0; i < 3; ++i)
    EXPECT_THROW((void)pings(), std::runtime_error);
  EXPECT_TRUE(pings());
  EXPECT_EQ(proxy.count().cut, 3U);
}

TEST_F(a_fault_proxy, cuts_before_the_reply_to_what_has_been_executed) {
  proxy.cut_before_reply();
  tcp_client client{proxy.port()};
  client.send(increment);
  EXPECT_EQ(rest_of(client), std::pair(std::string{}, end::reset));
  EXPECT_EQ(counter(), redis_reply::bulk("1"));
}

TEST_F(a_fault_proxy, cuts_a_request_exactly_after_so_many_bytes) {
  for (std::size_t size = 0; size < increment.size(); ++size) {
    proxy.cut_after(direction::to_server, size);
    tcp_client client{proxy.port()};
    client.send(increment);
    EXPECT_EQ(rest_of(client), std::pair(std::string{}, end::reset)) << size;
    EXPECT_EQ(proxy.count().bytes_to_server, size * (size + 1) / 2);
  }
  EXPECT_EQ(counter(), redis_reply::nil()) << "none was whole";
  proxy.cut_after(direction::to_server, increment.size());
  tcp_client client{proxy.port()};
  client.send(increment + increment);
  (void)client.read_to_end();
  EXPECT_TRUE(counter_becomes("1"));
}

TEST_F(a_fault_proxy, cuts_all_at_once) {
  redis_client first{proxy.port()};
  redis_client second{proxy.port()};
  for (redis_client* const each : {&first, &second})
    EXPECT_EQ(each->command({"PING"}).text, "PONG");
  proxy.cut_all(cut_by::fin);
  for (redis_client* const each : {&first, &second})
    EXPECT_THROW((void)each->read(), std::runtime_error);
  EXPECT_EQ(proxy.count().cut, 2U);
  EXPECT_EQ(proxy.count().open, 0U);
}

TEST_F(a_fault_proxy, lets_a_ghost_arrive_when_its_client_has_long_left) {
  for (const bool reset : {false, true}) {
    redis.command({"DEL", "a"});
    proxy.hold();
    {
      tcp_client client{proxy.port()};
      client.send(increment);
      ASSERT_TRUE(eventually([&] { return proxy.count().waiting_to_server > 0; }));
      if (reset)
        client.reset();
    }
    EXPECT_EQ(counter(), redis_reply::nil());
    proxy.release();
    EXPECT_TRUE(counter_becomes("1"));
    EXPECT_TRUE(eventually([&] { return proxy.count().open == 0; }));
  }
}

TEST_F(a_fault_proxy, lets_the_ghost_of_a_cut_connection_arrive_behind_its_successor) {
  tcp_client client{proxy.port()};
  proxy.hold(direction::to_server);
  client.send(increment);
  ASSERT_TRUE(eventually([&] { return proxy.count().waiting_to_server > 0; }));
  proxy.leave_ghosts();
  EXPECT_EQ(rest_of(client), std::pair(std::string{}, end::reset));
  proxy.release();
  EXPECT_EQ(redis_client{proxy.port()}.command({"INCR", "a"}), redis_reply::integer(1));
  proxy.cut_all();
  EXPECT_EQ(proxy.count().ghosts, 1U);
  proxy.wake_ghosts();
  EXPECT_TRUE(counter_becomes("2"));
  EXPECT_TRUE(eventually([&] { return proxy.count().open == 0; }));
}

TEST_F(a_fault_proxy, holds_what_is_on_an_old_connection_and_goes_on_in_order) {
  redis_client client{proxy.port()};
  EXPECT_EQ(client.command({"INCR", "a"}), redis_reply::integer(1));
  proxy.hold();
  for (int i = 0; i < 100; ++i)
    client.send({"INCR", "a"});
  EXPECT_FALSE(client.read_within(20ms));
  EXPECT_EQ(counter(), redis_reply::bulk("1"));
  proxy.release();
  for (int i = 2; i <= 101; ++i)
    EXPECT_EQ(client.read(), redis_reply::integer(i));
}

TEST_F(a_fault_proxy, can_hold_the_replies_alone) {
  proxy.hold(direction::to_client);
  redis_client client{proxy.port()};
  client.send({"INCR", "a"});
  EXPECT_TRUE(counter_becomes("1"));
  EXPECT_FALSE(client.read_within(20ms));
  proxy.release();
  EXPECT_EQ(client.read(), redis_reply::integer(1));
}

TEST_F(a_fault_proxy, drops_what_it_held_and_its_connections) {
  proxy.hold();
  tcp_client client{proxy.port()};
  client.send(increment);
  ASSERT_TRUE(eventually([&] { return proxy.count().waiting_to_server > 0; }));
  proxy.drop();
  EXPECT_EQ(rest_of(client), std::pair(std::string{}, end::reset));
  EXPECT_TRUE(pings());
  EXPECT_EQ(counter(), redis_reply::nil());
}

TEST_F(a_fault_proxy, holds_no_more_than_its_bound) {
  proxy.hold();
  tcp_client client{proxy.port()};
  const std::string much(64 * 1024, 'x');
  EXPECT_TRUE(eventually([&] {
    while (::send(client.fd(), much.data(), much.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
    }
    return proxy.count().waiting_to_server >= proxy_flow::waiting_bytes_max;
  }));
  EXPECT_LT(proxy.count().waiting_to_server, 2 * proxy_flow::waiting_bytes_max);
}

TEST_F(a_fault_proxy, refuses_new_connections_and_keeps_the_old) {
  redis_client old{proxy.port()};
  EXPECT_EQ(old.command({"PING"}).text, "PONG");
  proxy.refuse_connections();
  EXPECT_THROW(tcp_client{proxy.port()}, std::system_error);
  EXPECT_EQ(old.command({"PING"}).text, "PONG");
  proxy.accept_connections();
  EXPECT_TRUE(pings());
}

TEST_F(a_fault_proxy, takes_everything_back) {
  for (const direction which : {direction::to_server, direction::to_client}) {
    proxy.delay(which, 1h);
    proxy.split(which, 1, 1h);
    proxy.cut_after(which, 0, cut_by::reset, std::numeric_limits<std::uint64_t>::max());
  }
  proxy.follow([](const reply_chunk&) { return planned_cut{}; });
  proxy.hold();
  proxy.refuse_connections();
  proxy.pass();
  EXPECT_TRUE(pings());
}

TEST_F(a_fault_proxy, tells_the_client_that_the_server_has_gone) {
  tcp_client client{proxy.port()};
  client.send(ping);
  ASSERT_TRUE(eventually([&] { return proxy.count().bytes_to_client == pong.size(); }));
  redis.kill();
  EXPECT_EQ(rest_of(client), std::pair(pong, end::closed));
  tcp_client in_vain{proxy.port()};
  EXPECT_EQ(rest_of(in_vain), std::pair(std::string{}, end::closed));
  redis.restart();
  EXPECT_TRUE(pings());
}

// Where the script cuts is a matter of the seed and the connection's number alone.
TEST_F(a_fault_proxy, cuts_where_a_script_says_thousands_of_times) {
  constexpr std::uint64_t rounds = 2000;
  const std::string reply = "$36\r\nabcdefghijklmnopqrstuvwxyz0123456789\r\n";
  const auto cut_of = [&](std::uint64_t connection) {
    std::minstd_rand random{static_cast<unsigned>(20261123 + connection)};
    random.discard(5);
    return planned_cut{random() % (reply.size() + 1),
                       random() % 2 == 0 ? cut_by::fin : cut_by::reset};
  };
  redis.command({"SET", "text", reply.substr(5, 36)});
  proxy.follow([&](const reply_chunk& chunk) { return cut_of(chunk.connection); });
  for (std::uint64_t round = 1; round <= rounds; ++round) {
    tcp_client client{proxy.port()};
    client.send("GET text\r\n");
    const planned_cut expected = cut_of(round);
    ASSERT_EQ(rest_of(client), std::pair(reply.substr(0, expected.after_bytes),
                                         expected.how == cut_by::fin ? end::closed : end::reset))
        << round;
  }
  EXPECT_EQ(proxy.count().cut, rounds);
}

TEST_F(a_fault_proxy, obeys_any_thread_while_it_works) {
  std::thread others{[this] {
    for (int i = 0; i < 300; ++i) {
      proxy.delay(direction::to_client, std::chrono::microseconds{i % 7});
      proxy.split(direction::to_server, static_cast<std::size_t>(i % 5));
      proxy.hold();
      (void)proxy.count();
      proxy.release();
    }
  }};
  redis_client client{proxy.port()};
  for (int i = 1; i <= 300; ++i)
    EXPECT_EQ(client.command({"INCR", "a"}), redis_reply::integer(i));
  others.join();
}

TEST_F(a_fault_proxy, rests_when_there_is_nothing_to_do) {
  tcp_client idle{proxy.port()};
  { const redis_client gone{proxy.port()}; }
  proxy.hold();
  tcp_client left{proxy.port()};
  left.send(ping);
  left.reset();
  ASSERT_TRUE(eventually([&] { return proxy.count().waiting_to_server > 0; }));
  const auto cpu_time = [] {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  };
  const auto before = cpu_time();
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(cpu_time() - before, 100ms);
}

}  // namespace
}  // namespace turnomatic::support
