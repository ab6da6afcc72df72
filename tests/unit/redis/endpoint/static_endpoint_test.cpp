#include "backend/redis/endpoint/static_endpoint.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {
namespace {

using boost::asio::ip::tcp;

redis_target over_tcp(const std::string& host, std::uint16_t port) {
  redis_target made;
  made.hosts = {{host, port}};
  return made;
}

net::name_lookup::outcome no_resolver(const std::string& host, std::uint16_t) {
  ADD_FAILURE() << host << " needs none";
  return boost::system::error_code{boost::asio::error::host_not_found};
}

// "10.0.0.1:6379 10.0.0.2:6379", or what is wrong.
class resolved {
 public:
  explicit resolved(store_endpoint& endpoint, boost::asio::io_context& io) {
    endpoint.resolve({}, [this](const store_endpoint::outcome& found) { take(found); });
    io.restart();
    const auto work = boost::asio::make_work_guard(io);  // the resolver has a thread of its own
    while (text.empty())
      io.run_one();
  }
  std::string text;
  std::string server_name;

 private:
  void take(const store_endpoint::outcome& found) {
    if (!found) {
      text = found.error();
      return;
    }
    for (const auto& each : found->addresses)
      text += (text.empty() ? "" : " ") + net::to_string(each);
    server_name = found->server_name;
  }
};

struct place {
  std::string_view name;
  redis_target target;
  std::string_view wanted_name;
  std::string_view addresses;
  std::string_view server_name;
};

TEST(static_endpoint, needs_no_resolver_for_an_address_or_a_path) {
  redis_target unix_socket;
  unix_socket.unix_path = "/run/redis.sock";
  const std::vector<place> rows{
      {"IPv4", over_tcp("10.0.0.1", 6380), "", "10.0.0.1:6380", "10.0.0.1"},
      {"IPv6", over_tcp("::1", 6379), "", "[::1]:6379", "::1"},
      {"a name of its own", over_tcp("10.0.0.1", 1), "redis.example", "10.0.0.1:1",
       "redis.example"},
      {"unix", unix_socket, "", "unix:/run/redis.sock", "127.0.0.1"},
  };
  for (const place& row : rows) {
    boost::asio::io_context io;
    static_endpoint endpoint{io, row.target, std::string{row.wanted_name}, no_resolver};
    const resolved found{endpoint, io};
    EXPECT_EQ(found.text, row.addresses) << row.name;
    EXPECT_EQ(found.server_name, row.server_name) << row.name;
  }
}

TEST(static_endpoint, looks_a_name_up_anew_each_time_and_gives_all_its_addresses) {
  boost::asio::io_context io;
  std::atomic<int> lookups{0};
  static_endpoint endpoint{
      io, over_tcp("redis.example", 6379), "",
      [&](const std::string& host, std::uint16_t port) -> net::name_lookup::outcome {
        EXPECT_EQ(host, "redis.example");
        const auto network = std::to_string(++lookups);
        return net::name_lookup::addresses{
            tcp::endpoint{boost::asio::ip::make_address("10.0." + network + ".1"), port},
            tcp::endpoint{boost::asio::ip::make_address("10.0." + network + ".2"), port}};
      }};
  EXPECT_EQ(endpoint.name(), "redis.example");
  EXPECT_EQ(resolved(endpoint, io).text, "10.0.1.1:6379 10.0.1.2:6379");
  const resolved again{endpoint, io};
  EXPECT_EQ(again.text, "10.0.2.1:6379 10.0.2.2:6379");
  EXPECT_EQ(again.server_name, "redis.example");
}

TEST(static_endpoint, says_why_there_is_no_address) {
  boost::asio::io_context io;
  static_endpoint unknown{io, over_tcp("redis.example", 6379), "",
                          [](const std::string&, std::uint16_t) -> net::name_lookup::outcome {
                            return boost::system::error_code{boost::asio::error::host_not_found};
                          }};
  EXPECT_EQ(resolved(unknown, io).text,
            boost::system::error_code{boost::asio::error::host_not_found}.message());
  static_endpoint empty{io, over_tcp("redis.example", 6379), "",
                        [](const std::string&, std::uint16_t) -> net::name_lookup::outcome {
                          return net::name_lookup::addresses{};
                        }};
  EXPECT_EQ(resolved(empty, io).text, "the name has no address");
}

}  // namespace
}  // namespace turnomatic::redis
