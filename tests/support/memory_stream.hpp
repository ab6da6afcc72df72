// A byte_stream over Beast's in-memory test::stream.
#pragma once

#include "net/byte_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/_experimental/test/stream.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace turnomatic::support {

/// Shows a test::stream the way a non-blocking socket would: a read is always pending in the
/// background and tells the handler when there is something to fetch. Things happen while the
/// test polls the io_context.
class memory_stream final : public net::byte_stream {
 public:
  using test_stream = boost::beast::test::stream;

  memory_stream(boost::asio::io_context& io, test_stream stream)
      : io_{io}, shared_{std::make_shared<shared>(std::move(stream))} {}

  ~memory_stream() override {
    shared_->handler = nullptr;
    shared_->stream.close();
  }

  void attach(net::ready_handler& handler) {
    shared_->handler = &handler;
    start_read(shared_);
  }

  /// What arrives from here on can be read, but the handler is not told, as when the poller is
  /// busy.
  void announce_nothing() { shared_->handler = nullptr; }

  std::size_t read_some(std::span<char> into, error_code& error) override {
    shared& s = *shared_;
    if (s.available.empty()) {
      error = s.error ? s.error : error_code{boost::asio::error::would_block};
      return 0;
    }
    const std::size_t size = std::min(into.size(), s.available.size());
    std::copy_n(s.available.begin(), size, into.begin());
    s.available.erase(0, size);
    if (s.available.empty() && !s.error)
      start_read(shared_);
    return size;
  }

  std::size_t write_some(std::string_view from, error_code& error) override {
    if (breaks) {
      error = boost::asio::error::broken_pipe;
      return 0;
    }
    if (stalled) {
      error = boost::asio::error::would_block;
      return 0;
    }
    return shared_->stream.write_some(boost::asio::buffer(from.data(), from.size()), error);
  }

  void notify_writable() override { wants_writable = true; }

  /// What the kernel would do when the peer has read: lets a stalled write go on.
  void become_writable() {
    stalled = false;
    if (std::exchange(wants_writable, false))
      boost::asio::post(io_, [s = shared_] {
        if (s->handler)
          s->handler->on_ready({.writable = true, .read_on = true});
      });
  }

  // A test::stream has no half-close; the flag stands for it.
  void shutdown_send() override { send_is_shut = true; }

  [[nodiscard]] duration input_age() const noexcept override { return age; }
  [[nodiscard]] duration silence() const noexcept override { return silent_for; }
  [[nodiscard]] std::size_t unacknowledged() const noexcept override { return in_flight; }

  /// What the poller says, with nothing new to read.
  void announce(net::readiness_event event) {
    if (shared_->handler)
      shared_->handler->on_ready(event);
  }

  [[nodiscard]] test_stream& stream() { return shared_->stream; }

  bool stalled{false};  ///< writes take nothing
  bool breaks{false};   ///< writes fail
  bool wants_writable{false};
  bool send_is_shut{false};
  duration age{};            ///< of what has arrived last
  duration silent_for{};     ///< since anything has come, the end included
  std::size_t in_flight{0};  ///< what the peer has not acknowledged

 private:
  struct shared {
    explicit shared(test_stream s) : stream{std::move(s)} {}
    test_stream stream;
    net::ready_handler* handler{nullptr};
    std::array<char, 4096> buffer;
    std::string available;
    error_code error;
  };

  static void start_read(const std::shared_ptr<shared>& s) {
    s->stream.async_read_some(boost::asio::buffer(s->buffer),
                              [s](error_code error, std::size_t size) {
                                s->available.append(s->buffer.data(), size);
                                s->error = error;
                                if (s->handler)
                                  s->handler->on_ready({.read_on = true});
                              });
  }

  boost::asio::io_context& io_;
  std::shared_ptr<shared> shared_;
};

}  // namespace turnomatic::support
