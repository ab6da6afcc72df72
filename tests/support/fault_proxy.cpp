#include "support/fault_proxy.hpp"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

namespace turnomatic::support {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t own_entries = 2;  // the eventfd and the listener come first

}  // namespace

fault_proxy::fault_proxy(std::uint16_t server_port)
    : server_port_{server_port}, wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  listen();
  thread_ = std::thread{[this] { run(); }};
}

fault_proxy::~fault_proxy() {
  obey([this] { stopping_ = true; });
  thread_.join();
  stop_listening();
  ::close(wake_);
}

void fault_proxy::pass() {
  obey([this] {
    faults_ = {};
    wake_all();
    listen();
  });
}

void fault_proxy::delay(direction which, std::chrono::microseconds by) {
  obey([&] { faults_of(which).delay = by; });
}

void fault_proxy::split(direction which, std::size_t piece_bytes, std::chrono::microseconds pause) {
  obey([&] {
    faults_of(which).piece_bytes = piece_bytes;
    faults_of(which).piece_pause = pause;
  });
}

void fault_proxy::cut_after(direction which, std::uint64_t bytes, cut_by how, std::uint64_t times) {
  obey([&] {
    flow_faults& faults = faults_of(which);
    faults.cut.reset();
    if (times > 0)
      faults.cut = planned_cut{bytes, how};
    faults.cut_number = ++cut_plans_;
    faults.cuts_left = times;
  });
}

void fault_proxy::cut_all(cut_by how) {
  obey([&] {
    past_.cut += std::erase_if(connections_, [&](const auto& each) {
      if (each->is_ghost())
        return false;
      each->cut(how);
      forget(*each);
      return true;
    });
  });
}

void fault_proxy::leave_ghosts(cut_by how) {
  obey([&] {
    for (const auto& each : connections_) {
      if (each->is_ghost())
        continue;
      past_.ghosts += each->to_server().waiting_bytes() > 0 ? 1U : 0U;
      ++past_.cut;
      each->leave_ghost(how);
    }
  });
}

void fault_proxy::wake_ghosts() {
  obey([this] { wake_all(); });
}

void fault_proxy::follow(reply_script script) {
  obey([&] { faults_.script = std::move(script); });
}

void fault_proxy::hold(direction which) {
  obey([&] { faults_of(which).held = true; });
}

void fault_proxy::hold() {
  obey([this] { faults_.to_server.held = faults_.to_client.held = true; });
}

void fault_proxy::release() {
  obey([this] { faults_.to_server.held = faults_.to_client.held = false; });
}

void fault_proxy::drop(cut_by how) {
  cut_all(how);
  release();
}

void fault_proxy::refuse_connections() {
  obey([this] { stop_listening(); });
}

void fault_proxy::accept_connections() {
  obey([this] { listen(); });
}

fault_proxy::counts fault_proxy::count() {
  counts all;
  obey([&] {
    all = past_;
    all.open = connections_.size();
    for (const auto& each : connections_) {
      all.bytes_to_server += each->to_server().sent_bytes();
      all.bytes_to_client += each->to_client().sent_bytes();
      all.waiting_to_server += each->to_server().waiting_bytes();
      all.waiting_to_client += each->to_client().waiting_bytes();
    }
  });
  return all;
}

// Waits until the proxy's thread has done it.
void fault_proxy::obey(std::function<void()> what) {
  order given{std::move(what)};
  std::future<void> done = given.get_future();
  {
    const std::lock_guard lock{mutex_};
    orders_.push_back(std::move(given));
  }
  ::eventfd_write(wake_, 1);
  done.get();
}

void fault_proxy::run() {
  std::vector<pollfd> watched;
  while (!stopping_) {
    const bool room = connections_.size() < connections_max;
    watched.assign({{wake_, POLLIN, 0}, {room ? listener_ : -1, POLLIN, 0}});
    for (const auto& each : connections_)
      each->watch(watched);
    wait(watched);
    advance(watched);
    if (watched[1].revents != 0)
      accept_waiting();
    if (watched[0].revents != 0)
      carry_out_orders();  // last: they may end connections that `watched` still knows
  }
  connections_.clear();
}

// Until something happens or is due.
void fault_proxy::wait(std::vector<pollfd>& watched) const {
  auto next = steady::time_point::max();
  for (const auto& each : connections_)
    next = std::min(next, each->due(faults_));
  timespec left{};
  if (const auto now = steady::now(); next > now) {
    const std::chrono::nanoseconds time = next - now;
    left.tv_sec = static_cast<std::time_t>(time / std::chrono::seconds{1});
    left.tv_nsec = static_cast<long>((time % std::chrono::seconds{1}).count());
  }
  if (::ppoll(watched.data(), watched.size(), next == steady::time_point::max() ? nullptr : &left,
              nullptr) < 0) {
    for (pollfd& each : watched)
      each.revents = 0;
  }
}

void fault_proxy::advance(const std::vector<pollfd>& watched) {
  const auto now = steady::now();
  const pollfd* seen = watched.data() + own_entries;
  for (auto& each : connections_) {
    const auto state = each->advance(seen, faults_, now);
    seen += 2;
    if (state == proxied_connection::state::open)
      continue;
    past_.cut += state == proxied_connection::state::cut ? 1U : 0U;
    forget(*each);
    each.reset();
  }
  std::erase(connections_, nullptr);
}

void fault_proxy::accept_waiting() {
  while (connections_.size() < connections_max) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
      return;
    connections_.push_back(
        std::make_unique<proxied_connection>(++past_.accepted, fd, server_port_));
  }
}

void fault_proxy::carry_out_orders() {
  eventfd_t ignored = 0;
  ::eventfd_read(wake_, &ignored);
  std::vector<order> given;
  {
    const std::lock_guard lock{mutex_};
    given.swap(orders_);
  }
  for (order& each : given)
    each();
}

void fault_proxy::listen() {
  if (listener_ < 0)
    listener_ = port_.listen();
}

void fault_proxy::stop_listening() {
  if (listener_ >= 0)
    ::close(std::exchange(listener_, -1));
}

void fault_proxy::wake_all() {
  for (const auto& each : connections_)
    each->wake();
}

// Keeps what it has counted.
void fault_proxy::forget(const proxied_connection& gone) {
  past_.bytes_to_server += gone.to_server().sent_bytes();
  past_.bytes_to_client += gone.to_client().sent_bytes();
}

flow_faults& fault_proxy::faults_of(direction which) {
  return which == direction::to_server ? faults_.to_server : faults_.to_client;
}

}  // namespace turnomatic::support
