// What a request costs besides time.
#include "backend/memory/memory_backend.hpp"
#include "http/session.hpp"
#include "support/allocation_counter.hpp"
#include "support/fakes.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

namespace turnomatic::http {
namespace {

// Serves one prepared input at a time and forgets what is written, without allocating.
class prepared_stream final : public net::byte_stream {
 public:
  std::size_t read_some(std::span<char> into, error_code& error) override {
    if (input.empty()) {
      error = boost::asio::error::would_block;
      return 0;
    }
    const std::size_t size = std::min(into.size(), input.size());
    input.copy(into.data(), size);
    input.remove_prefix(size);
    return size;
  }
  std::size_t write_some(std::string_view from, error_code&) override {
    written += from.size();
    return from.size();
  }
  void notify_writable() override {}
  void shutdown_send() override {}

  std::string_view input;
  std::size_t written{0};
};

class silent_observer final : public observer {
 public:
  void request_answered(const request_record& record) noexcept override {
    ++answered;
    late += record.status == 503 ? 1 : 0;
  }
  void turns_issued(std::uint64_t) noexcept override {}
  void turns_burned(burn_reason, std::uint64_t) noexcept override {}
  void turns_undelivered(std::uint64_t) noexcept override {}
  void takes_withdrawn(std::uint64_t) noexcept override {}
  void request_rejected(rejection) noexcept override {}
  void connection_opened() noexcept override {}
  void connection_closed(close_reason) noexcept override {}
  void connection_refused(refusal) noexcept override {}
  bool line_due(incident, time_point) noexcept override {
    ++asked;
    return false;
  }
  void client_refused(incident, std::string_view) noexcept override {}
  void access(const request_record&, std::string_view, std::string_view) noexcept override {}

  std::size_t answered{0};
  std::size_t late{0};
  std::size_t asked{0};  ///< whether a line is due
};

class silent_owner final : public session_owner {
 public:
  void session_closed(session&) noexcept override {}
};

const std::string one =
    "GET /turno/grupo7?x HTTP/1.1\r\nHost: localhost:7017\r\nAccept: */*\r\n\r\n";

std::string pipelined(std::size_t count) {
  std::string requests;
  for (std::size_t i = 0; i < count; ++i)
    requests += one;
  return requests;
}

// A session before the memory backend whose stream says "empty" as a socket does.
class hot_path : public testing::Test {
 protected:
  hot_path()
      : context{std::make_unique<session_context>(&backend, events, operations, owner,
                                                  audience::callers, time, later, 1)} {
    later.begin_rounds();  // as while the poller is at work
    auto owned = std::make_unique<prepared_stream>();
    stream = owned.get();
    tested = std::make_unique<session>(*context, std::move(owned), boost::asio::ip::tcp::endpoint{},
                                       std::nullopt);
  }
  ~hot_path() override { tested->abort(close_reason::drained); }

  void serve(std::string_view input) {
    stream->input = input;
    tested->on_ready({});
  }

  memory::counter_table table{1000, 7};
  memory::counter_table no_room{1, 7};
  memory::once_table keys{16, 7, std::chrono::minutes{1}};
  memory::memory_backend backend{table, keys};
  silent_observer events;
  const support::fixed_operations operations;
  silent_owner owner;
  boost::asio::io_context io;
  net::loop_clock time;
  net::deferred_queue later{io, time};
  std::unique_ptr<session_context> context;
  prepared_stream* stream{nullptr};
  std::unique_ptr<session> tested;
};

TEST_F(hot_path, allocates_nothing_once_it_is_warm) {
  const std::string pipeline = pipelined(64);
  serve(pipeline);
  const std::size_t before = support::allocations_so_far();
  for (int i = 0; i < 1000; ++i)
    serve(one);
  for (int i = 0; i < 10; ++i)
    serve(pipeline);
  EXPECT_EQ(support::allocations_so_far(), before);
  EXPECT_EQ(events.answered, 64U + 1000U + 640U);
}

TEST_F(hot_path, allocates_nothing_for_a_page_of_another_origin_a_body_or_keep_alive_either) {
  const std::string origin = "https://a-shop-with-a-long-name.example";
  context->settings.cors_origins = {origin};
  const std::string request = "POST /turno/grupo7 HTTP/1.1\r\nHost: h\r\nOrigin: " + origin +
                              "\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}";
  serve(request);
  const std::size_t before = support::allocations_so_far();
  for (int i = 0; i < 100; ++i)
    serve(request);
  EXPECT_EQ(support::allocations_so_far(), before);
  EXPECT_EQ(events.answered, 101U);
}

// An instance under overload answers hardly anything else.
TEST_F(hot_path, allocates_nothing_for_requests_that_it_refuses) {
  memory::memory_backend full{no_room, keys};
  ASSERT_NE(no_room.find_or_create(*counter_id::from_text("a")), nullptr);
  session_context refusing{&full, events, operations, owner, audience::callers, time, later, 1};
  auto owned = std::make_unique<prepared_stream>();
  prepared_stream& input = *owned;
  session refused{refusing, std::move(owned), {}, std::nullopt};
  const std::string requests = one +
                               "GET /turno/! HTTP/1.1\r\nHost: h\r\n\r\n"
                               "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n"
                               "PUT /turno/a HTTP/1.1\r\nHost: h\r\n\r\n"
                               "HEAD /turno/a HTTP/1.1\r\nHost: h\r\n\r\n"
                               "BREW /turno/a HTTP/1.1\r\nHost: h\r\n\r\n";
  const auto refuse = [&] {
    input.input = requests;
    refused.on_ready({});
  };
  refuse();
  const std::size_t answered = events.answered;
  ASSERT_EQ(answered, 6U);
  const std::size_t before = support::allocations_so_far();
  for (int i = 0; i < 100; ++i)
    refuse();
  EXPECT_EQ(support::allocations_so_far(), before);
  EXPECT_EQ(events.answered, 101 * answered);
  refused.abort(close_reason::drained);
}

TEST_F(hot_path, lets_others_have_a_turn_after_64_requests_and_takes_up_the_rest_later) {
  const std::string requests = pipelined(150);  // one read, shorter than the buffer
  serve(requests);
  EXPECT_EQ(events.answered, 64U);
  later.run();
  EXPECT_EQ(events.answered, 128U);
  later.run();
  EXPECT_EQ(events.answered, 150U);
  EXPECT_TRUE(later.empty());
}

// What was asked for long ago, behind requests whose answers nobody took, is refused rather than
// counted: its client may have gone on.
TEST_F(hot_path, counts_nothing_for_a_request_that_waited_beyond_its_deadline) {
  context->settings.request_deadline = std::chrono::nanoseconds{1};
  const std::string requests = pipelined(100);
  serve(requests);
  EXPECT_EQ(events.late, 0U) << "the first 64 are served as they arrive";
  later.run();
  EXPECT_EQ(events.answered, 100U);
  EXPECT_EQ(events.late, 36U);
  EXPECT_EQ(table.find(*counter_id::from_text("grupo7"))->load(), 64U);
}

TEST_F(hot_path, keeps_no_buffer_for_an_idle_connection) {
  // The session itself, its stream and their bookkeeping are all that an idle connection costs.
  EXPECT_LE(sizeof(session), 288U);
}

}  // namespace
}  // namespace turnomatic::http
