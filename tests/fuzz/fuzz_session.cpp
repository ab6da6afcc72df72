// A session on arbitrary bytes, in arbitrary pieces, with a backend that answers late or not
// at all and a client that reads, stalls or leaves. Every turn must be accounted for once.
#include "http/session.hpp"
#include "support/fakes.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace turnomatic;

void require(bool holds) {
  if (!holds)
    std::abort();
}

// Hands out what was pushed; takes as much as it is allowed to.
class pushed_stream final : public net::byte_stream {
 public:
  std::size_t read_some(std::span<char> into, error_code& error) override {
    if (input.empty()) {
      error =
          ended ? error_code{boost::asio::error::eof} : error_code{boost::asio::error::would_block};
      return 0;
    }
    const std::size_t size = std::min(into.size(), input.size());
    input.copy(into.data(), size);
    input.erase(0, size);
    return size;
  }
  std::size_t write_some(std::string_view from, error_code& error) override {
    if (broken)
      error = boost::asio::error::connection_reset;
    else if (room == 0)
      error = boost::asio::error::would_block;
    const std::size_t size = error ? 0 : std::min(room, from.size());
    room -= size;
    return size;
  }
  void notify_writable() override {}
  void shutdown_send() override {}
  [[nodiscard]] std::size_t unacknowledged() const noexcept override { return in_flight; }

  std::string input;
  std::size_t room{1 << 20};
  std::size_t in_flight{0};
  bool ended{false};
  bool broken{false};
};

class world final : public http::session_owner {
 public:
  world() : context{&backend, events, operations, *this, http::audience::callers, time, later, 1} {
    later.begin_rounds();
    context.ticks = tick_count{clock::now() + std::chrono::hours{1}, http::tick_length};
    auto owned = std::make_unique<pushed_stream>();
    stream = owned.get();
    tested = std::make_unique<http::session>(context, std::move(owned),
                                             boost::asio::ip::tcp::endpoint{}, std::nullopt);
  }
  void session_closed(http::session&) noexcept override { closed = true; }

  void act(std::uint8_t what) {
    switch (what % 8) {
      case 0:
        stream->room += what;
        break;
      case 1:
        stream->room = 0;
        break;
      case 2:
        stream->ended = true;
        stream->in_flight = what / 8;
        break;
      case 3:
        stream->broken = what > 200;
        break;
      case 4:
        if (!backend.pending.empty())
          backend.complete(what % backend.pending.size());
        break;
      case 5:
        if (!backend.pending.empty())
          backend.fail(errc::outcome_unknown);
        break;
      case 6:
        pass(what);
        break;
      case 7:
        backend.cancellable = what > 128;
        break;
      default:
        break;
    }
  }
  void pass(tick count) {
    for (tick i = 0; i < count; ++i)
      context.timers.advance(context.ticks.at(context.ticks.next()));
    context.timers.look(1, [](timer_entry& e) { static_cast<http::session&>(e).check_timeout(); });
  }
  void settle() {
    for (int i = 0; i < 100 && !closed; ++i) {
      tested->on_ready({.writable = true,
                        .read_on = true,
                        .peer_ended = stream->ended,
                        .broken = stream->broken});
      if (later.empty())
        break;
      later.run();
    }
  }

  support::recording_observer events;
  support::fixed_operations operations;
  support::scripted_backend backend{support::scripted_backend::mode::when_told};
  boost::asio::io_context io;
  net::loop_clock time;
  net::deferred_queue later{io, time};
  http::session_context context;
  pushed_stream* stream{nullptr};
  std::unique_ptr<http::session> tested;
  bool closed{false};
};

}  // namespace

// The input: pieces of one length byte, one action byte and that many bytes of the request
// stream; a length of 255 stands for a whole request for a turn.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  world w;
  std::size_t at = 0;
  while (at + 2 <= size && !w.closed) {
    const std::uint8_t length = data[at];
    const std::uint8_t action = data[at + 1];
    at += 2;
    if (length == 255) {
      w.stream->input += "GET /turno/a HTTP/1.1\r\nHost: h\r\n\r\n";
    } else {
      const std::size_t taken = std::min<std::size_t>(length, size - at);
      w.stream->input.append(reinterpret_cast<const char*>(data) + at, taken);
      at += taken;
    }
    w.act(action);
    if (!w.closed)
      w.settle();
  }
  w.tested->abort(close_reason::drained);
  w.backend.complete_all();
  require(w.events.issued + w.events.all_burned() == w.backend.taken);
  require(w.events.closed.size() == 1);
  return 0;
}
