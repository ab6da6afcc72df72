// A session on a workbench: its peer, its backend and its clock in the test's hands.
#pragma once

#include "http/session.hpp"
#include "net/deferred_queue.hpp"
#include "support/fakes.hpp"
#include "support/http_answer.hpp"
#include "support/memory_stream.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::http {

class session_bench : public session_owner {
 public:
  using test_stream = boost::beast::test::stream;

  struct options {
    support::scripted_backend::mode when{support::scripted_backend::mode::at_once};
    audience who{audience::callers};
    std::optional<problem> refusal{};
    boost::beast::test::fail_count* failures{nullptr};
    std::uint32_t access_sample{0};
    bool without_backend{false};  ///< as on the operations listener
  };

  session_bench() : session_bench(options{}) {}
  explicit session_bench(const options& with)
      : backend{with.when},
        context{with.without_backend ? nullptr : &backend,
                events,
                operations,
                *this,
                with.who,
                time,
                later,
                1},
        client{io} {
    context.settings.access_sample = with.access_sample;
    test_stream server = with.failures ? test_stream{io, *with.failures} : test_stream{io};
    client.connect(server);
    auto owned = std::make_unique<support::memory_stream>(io, std::move(server));
    stream = owned.get();
    tested = std::make_unique<session>(context, std::move(owned), peer, with.refusal);
    stream->attach(*tested);
  }

  /// The time; it passes when the test says so.
  inline static time_point test_time{std::chrono::hours{1}};

  /// Where its peer seems to be.
  inline static const boost::asio::ip::tcp::endpoint peer{
      boost::asio::ip::make_address("192.0.2.1"), 4711};

  void poll() {
    io.restart();
    io.poll();
  }

  void send(std::string_view bytes) {
    time.refresh();
    client.write_some(boost::asio::buffer(bytes.data(), bytes.size()));
    poll();
  }
  void send_end() {
    client.close();
    poll();
  }
  /// Lets time pass, unnoticed until the session reads the clock or is told of its socket.
  void advance(duration by) { test_time += by; }
  /// The poller's word, as the session's loop would pass it on.
  void announce(net::readiness_event event) {
    time.refresh();
    stream->announce(event);
    poll();
  }
  /// Lets `count` ticks pass, with the check that follows each.
  void pass(tick count) {
    for (tick i = 0; i < count && !closed; ++i) {
      test_time += tick_length;
      time.refresh();
      context.timers.advance(context.now());
      check_timeouts();
    }
  }
  /// As when the instance is told to end.
  void drain() {
    time.refresh();
    context.draining = true;
    context.timers.make_all_due();
    check_timeouts();
  }
  void check_timeouts() {
    context.timers.look(1, [](timer_entry& e) { static_cast<session&>(e).check_timeout(); });
    poll();
  }

  [[nodiscard]] std::string received() const { return std::string{client.str()}; }
  [[nodiscard]] support::parsed_answers answers(bool head_only = false) const {
    return support::parse_answers(received(), head_only);
  }
  [[nodiscard]] std::vector<int> statuses() const { return answers().statuses(); }
  /// Whether the server has ended its half: no more answers will come.
  [[nodiscard]] bool ended() const { return closed || stream->send_is_shut; }

  void session_closed(session&) noexcept override {
    closed = true;
    stream = nullptr;
  }

  boost::asio::io_context io;
  net::loop_clock time{[]() noexcept { return test_time; }};
  net::deferred_queue later{io, time};
  support::recording_observer events;
  support::fixed_operations operations;
  support::scripted_backend backend;
  session_context context;
  test_stream client;
  support::memory_stream* stream{nullptr};  ///< null once the session has closed
  std::unique_ptr<session> tested;
  bool closed{false};
};

inline std::string turn_request(const std::string& id, const std::string& fields = {}) {
  return "GET /turno/" + id + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

/// `count` of them, pipelined.
inline std::string turn_requests(int count, const std::string& id = "a") {
  std::string all;
  for (int i = 0; i < count; ++i)
    all += turn_request(id);
  return all;
}

}  // namespace turnomatic::http
