#include "net/name_lookup.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <new>
#include <optional>
#include <string>

namespace turnomatic::net {
namespace {

const boost::asio::ip::tcp::endpoint some_address{boost::asio::ip::make_address("192.0.2.1"), 6379};

/// Answers when it is told to; whoever waits for it no longer may be gone by then.
class slow_resolver {
 public:
  name_lookup::resolver resolver() {
    return [shared = shared_](const std::string&, std::uint16_t) -> name_lookup::outcome {
      ++shared->calls;
      shared->told.wait();
      return name_lookup::addresses{some_address};
    };
  }
  void answer() { shared_->tell.set_value(); }
  [[nodiscard]] int calls() const { return shared_->calls; }

 private:
  struct shared {
    std::promise<void> tell;
    std::shared_future<void> told{tell.get_future()};
    std::atomic<int> calls{0};
  };
  std::shared_ptr<shared> shared_ = std::make_shared<shared>();
};

/// With other work to do, as a worker's.
struct kept_loop {
  boost::asio::io_context loop;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      loop.get_executor()};
};

TEST(name_lookup, brings_the_addresses_to_the_loop) {
  kept_loop kept;
  auto& loop = kept.loop;
  name_lookup lookup{loop, [](const std::string& host, std::uint16_t port) -> name_lookup::outcome {
                       EXPECT_EQ(host, "redis");
                       EXPECT_EQ(port, 6379);
                       return name_lookup::addresses{some_address};
                     }};
  std::optional<name_lookup::outcome> found;
  lookup.start("redis", 6379, [&](const auto& outcome) { found = outcome; });
  EXPECT_FALSE(found);
  loop.run_one();
  ASSERT_TRUE(found && found->has_value());
  EXPECT_EQ(found->value(), name_lookup::addresses{some_address});
}

TEST(name_lookup, brings_an_error_likewise) {
  for (const bool out_of_memory : {false, true}) {
    kept_loop kept;
    auto& loop = kept.loop;
    name_lookup lookup{loop, [&](const std::string&, std::uint16_t) -> name_lookup::outcome {
                         if (out_of_memory)
                           throw std::bad_alloc{};
                         return boost::system::error_code{boost::asio::error::host_not_found};
                       }};
    std::optional<name_lookup::outcome> found;
    lookup.start("redis", 6379, [&](const auto& outcome) { found = outcome; });
    loop.run_one();
    ASSERT_TRUE(found && found->has_error());
    EXPECT_EQ(found->error() == boost::asio::error::no_memory, out_of_memory);
  }
}

TEST(name_lookup, is_destroyed_with_its_loop_while_the_resolver_hangs) {
  slow_resolver resolver;
  {
    kept_loop kept;
    auto& loop = kept.loop;
    name_lookup lookup{loop, resolver.resolver()};
    lookup.start("redis", 6379, [](const auto&) { FAIL(); });
  }
  resolver.answer();  // to nobody
}

TEST(name_lookup, says_nothing_once_it_is_cancelled) {
  slow_resolver resolver;
  kept_loop kept;
  auto& loop = kept.loop;
  name_lookup lookup{loop, resolver.resolver()};
  lookup.start("redis", 6379, [](const auto&) { FAIL(); });
  lookup.cancel();
  resolver.answer();
  loop.run_one();
}

TEST(name_lookup, waits_for_a_resolver_that_hangs_instead_of_asking_again) {
  slow_resolver resolver;
  kept_loop kept;
  auto& loop = kept.loop;
  name_lookup lookup{loop, resolver.resolver()};
  int answers = 0;
  for (int i = 0; i < 10; ++i) {
    lookup.start("redis", 6379, [&](const auto&) { ++answers; });
    lookup.cancel();
  }
  lookup.start("redis", 6379, [&](const auto&) { ++answers; });
  resolver.answer();
  loop.run_one();
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(resolver.calls(), 1);
}

TEST(name_lookup, asks_for_another_name_at_once) {
  slow_resolver hanging;
  kept_loop kept;
  auto& loop = kept.loop;
  name_lookup lookup{
      loop, [&, slow = hanging.resolver()](const std::string& host, std::uint16_t port) {
        return host == "slow" ? slow(host, port)
                              : name_lookup::outcome{name_lookup::addresses{some_address}};
      }};
  lookup.start("slow", 6379, [](const auto&) { FAIL(); });
  bool found = false;
  lookup.start("redis", 6379, [&](const auto& outcome) { found = outcome.has_value(); });
  loop.run_one();
  EXPECT_TRUE(found);
  hanging.answer();
}

TEST(name_lookup, may_be_started_by_the_completion_of_the_one_before) {
  kept_loop kept;
  auto& loop = kept.loop;
  int calls = 0;
  name_lookup lookup{loop, [&](const std::string&, std::uint16_t) -> name_lookup::outcome {
                       ++calls;
                       return boost::system::error_code{boost::asio::error::host_not_found};
                     }};
  lookup.start("redis", 6379,
               [&](const auto&) { lookup.start("redis", 6379, [](const auto&) {}); });
  loop.run_one();
  loop.run_one();
  EXPECT_EQ(calls, 2);
}

TEST(name_lookup, resolves_what_needs_no_server) {
  const auto found = name_lookup::resolve_blocking("192.0.2.1", 6379);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, name_lookup::addresses{some_address});
}

}  // namespace
}  // namespace turnomatic::net
