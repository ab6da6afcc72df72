#include "net/name_lookup.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

namespace turnomatic::net {

/// Shared with the thread that looks up, which outlives everything else if it must.
struct name_lookup::attempt {
  const std::string host;
  const std::uint16_t port;
  name_lookup* owner;  // used by the loop; null: given up
  std::mutex mutex;
  boost::asio::io_context* loop;  // null: given up, and the loop may be gone

  attempt(std::string name, std::uint16_t on, name_lookup& of)
      : host{std::move(name)}, port{on}, owner{&of}, loop{&of.loop_} {}

  /// Brings the outcome to the loop.
  static void deliver(const std::shared_ptr<attempt>& self, outcome found) {
    const std::scoped_lock lock{self->mutex};
    if (!self->loop)
      return;
    boost::asio::post(*self->loop, [self, found = std::move(found)] {
      if (self->owner)
        self->owner->finish(found);
    });
  }
};

namespace {

struct free_list {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

boost::system::error_code error_of(int status, int system_error) {
  using namespace boost::asio::error;
  switch (status) {
    case EAI_SYSTEM:
      return {system_error, boost::system::system_category()};
    case EAI_MEMORY:
      return no_memory;
    case EAI_AGAIN:
      return host_not_found_try_again;
    case EAI_FAIL:
      return no_recovery;
    default:
      return host_not_found;
  }
}

name_lookup::outcome resolve_guarded(const name_lookup::resolver& resolve, const std::string& host,
                                     std::uint16_t port) {
  try {
    return resolve(host, port);
  } catch (const std::bad_alloc&) {
    return boost::system::error_code{boost::asio::error::no_memory};
  }
}

// Signals belong to the threads that wait for them.
void prepare_thread() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  ::pthread_setname_np(::pthread_self(), "name_lookup");
}

}  // namespace

name_lookup::name_lookup(boost::asio::io_context& loop, resolver resolve)
    : loop_{loop}, resolve_{std::move(resolve)} {}

name_lookup::~name_lookup() {
  give_up();
}

void name_lookup::start(const std::string& host, std::uint16_t port, completion done) {
  done_ = std::move(done);
  if (under_way_ && under_way_->host == host && under_way_->port == port)
    return;
  give_up();
  under_way_ = std::make_shared<attempt>(host, port, *this);
  try {
    std::thread{[resolve = resolve_, self = under_way_] {
      prepare_thread();
      attempt::deliver(self, resolve_guarded(resolve, self->host, self->port));
    }}.detach();
  } catch (const std::system_error& error) {  // no thread to be had
    attempt::deliver(under_way_, boost::system::error_code{error.code().value(),
                                                           boost::system::system_category()});
  }
}

void name_lookup::cancel() noexcept {
  done_ = nullptr;
}

void name_lookup::give_up() noexcept {
  const auto given_up = std::exchange(under_way_, nullptr);
  if (!given_up)
    return;
  const std::scoped_lock lock{given_up->mutex};
  given_up->owner = nullptr;
  given_up->loop = nullptr;
}

void name_lookup::finish(const outcome& found) {
  give_up();  // waits for the thread to be done with the loop: it may still be inside the post
  if (const completion done = std::exchange(done_, nullptr))
    done(found);
}

name_lookup::outcome name_lookup::resolve_blocking(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int status = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &list);
  if (status != 0)
    return error_of(status, errno);
  const std::unique_ptr<addrinfo, free_list> owned{list};
  addresses found;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    boost::asio::ip::tcp::endpoint address;
    if (each->ai_addrlen > address.capacity())
      continue;  // neither IPv4 nor IPv6
    std::memcpy(address.data(), each->ai_addr, each->ai_addrlen);
    address.resize(each->ai_addrlen);
    found.push_back(address);
  }
  return found;
}

}  // namespace turnomatic::net
