#include "net/poller.hpp"

#include <turnomatic/turn.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <span>

namespace turnomatic::net {
namespace {

// Sockets that are told in one round, as many as there is deferred work in it.
constexpr int events_max = deferred_queue::run_max;

// Rounds follow each other while sockets stay busy, since going back to the io_context costs
// three system calls and an empty look at the set one; but not for longer than this, or one
// busy client would hold up timers, signals and every other connection.
constexpr std::chrono::milliseconds dispatch_max{2};

// Once a second round in a row found something, an empty set is waited for here: whatever else
// the io_context has can be late by this much, but no request and no connection is. Longer than
// the kernel's own tick (4 ms, seldom 10), so that no wait has to set the hardware's timer, which
// costs more than the wait itself, above all in a virtual machine. docs/adr/0017 has the figures.
constexpr int busy_patience_ms = 10;

int make_set() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0)
    throw boost::system::system_error{errno, boost::system::system_category(), "epoll_create1"};
  return fd;
}

boost::system::error_code control(int set, int operation, int fd, std::uint32_t events,
                                  ready_handler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  if (::epoll_ctl(set, operation, fd, &event) == 0)
    return {};
  return {errno, boost::system::system_category()};
}

// EPOLLPRI because a read stops at an urgent mark with more behind it.
constexpr std::uint32_t read_events = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t read_on_events = EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;

readiness_event event_of(std::uint32_t events) noexcept {
  return {.writable = (events & EPOLLOUT) != 0,
          .read_on = (events & read_on_events) != 0,
          .peer_ended = (events & EPOLLRDHUP) != 0,
          .hung_up = (events & EPOLLHUP) != 0,
          .broken = (events & EPOLLERR) != 0};
}

}  // namespace

poller::poller(boost::asio::io_context& io, loop_clock& time, deferred_queue& later)
    : time_{time}, later_{later}, set_{io, make_set()} {}

boost::system::error_code poller::add(int fd, ready_handler& handler) {
  return control(set_.native_handle(), EPOLL_CTL_ADD, fd, read_events, handler);
}

void poller::remove(int fd) noexcept {
  (void)::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
}

void poller::add_writable(int fd, ready_handler& handler) {
  // Cannot fail: the descriptor is in the set, and changing it allocates nothing.
  (void)control(set_.native_handle(), EPOLL_CTL_MOD, fd, read_events | EPOLLOUT, handler);
}

void poller::wait() {
  set_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                  [this](boost::system::error_code error) {
                    if (error)
                      return;
                    dispatch();
                    wait();
                  });
}

void poller::dispatch() {
  std::array<epoll_event, events_max> events;
  const time_point end = time_.refresh() + dispatch_max;
  later_.begin_rounds();
  for (int round = 1; time_.now() < end; ++round) {
    // A wait with a limit reads the clock twice before it looks; one without never waits.
    int count = ::epoll_wait(set_.native_handle(), events.data(), events_max, 0);
    if (count == 0 && round > 2 && later_.empty())
      count = ::epoll_wait(set_.native_handle(), events.data(), events_max, busy_patience_ms);
    if (count <= 0 && later_.empty())
      break;
    if (round > 1)
      time_.refresh();
    time_.looked_at_sockets(count < events_max);
    for (const epoll_event& event :
         std::span{events}.first(static_cast<std::size_t>(std::max(count, 0))))
      static_cast<ready_handler*>(event.data.ptr)->on_ready(event_of(event.events));
    later_.run();
  }
  later_.end_rounds();
}

}  // namespace turnomatic::net
