#include "http/poller.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <sys/epoll.h>

#include <array>
#include <cerrno>

namespace turnomatic::http {
namespace {

// A round tells at most this many sockets before the io_context gets its turn again ...
constexpr int events_max = 128;
// ... and at most this many rounds follow each other while sockets stay busy: going back to
// the io_context costs three system calls, an empty look at the set one.
constexpr int rounds_max = 8;

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

constexpr std::uint32_t read_events = EPOLLIN | EPOLLRDHUP | EPOLLET;

}  // namespace

poller::poller(boost::asio::io_context& io) : set_{io, make_set()} {}

boost::system::error_code poller::add(int fd, ready_handler& handler) {
  return control(set_.native_handle(), EPOLL_CTL_ADD, fd, read_events, handler);
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
  for (int round = 0; round < rounds_max; ++round) {
    const int count = ::epoll_wait(set_.native_handle(), events.data(), events_max, 0);
    if (count <= 0)
      return;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      static_cast<ready_handler*>(event.data.ptr)
          ->on_ready({(event.events & EPOLLOUT) != 0,
                      (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0});
    }
  }
}

}  // namespace turnomatic::http
