#include "support/proxied_connection.hpp"

#include "support/loopback.hpp"

#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <utility>

namespace turnomatic::support {
namespace {

void send_without_waiting(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// poll() reports a broken connection for as long as it is asked about it.
pollfd interest(int fd, bool input, bool output) {
  const int events = (input ? POLLIN : 0) | (output ? POLLOUT : 0);
  return {events != 0 ? fd : -1, static_cast<short>(events), 0};
}

// A close with something unread would be a reset.
void read_away(int fd) {
  std::array<char, 65536> ignored;
  for (int i = 0; i < 64 && ::recv(fd, ignored.data(), ignored.size(), 0) > 0; ++i) {
  }
}

}  // namespace

proxied_connection::proxied_connection(std::uint64_t number, int client, std::uint16_t server_port)
    : number_{number}, server_port_{server_port}, client_{client} {
  send_without_waiting(client_);
}

proxied_connection::~proxied_connection() {
  close();
}

// Whether it comes about shows when something is read or sent.
void proxied_connection::connect() {
  server_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  send_without_waiting(server_);
  const sockaddr_in where = loopback_address(server_port_);
  (void)::connect(server_, reinterpret_cast<const sockaddr*>(&where), sizeof where);
}

void proxied_connection::close() {
  for (int* const fd : {&client_, &server_}) {
    if (*fd >= 0)
      ::close(std::exchange(*fd, -1));
  }
}

void proxied_connection::watch(std::vector<pollfd>& in) const {
  in.push_back(interest(client_, to_server_.wants_input(), to_client_.blocked()));
  in.push_back(interest(server_, to_client_.wants_input(), to_server_.blocked()));
}

proxied_connection::time_point proxied_connection::due(const proxy_faults& faults) const {
  const flow_faults& to_server = to_server_under(faults);
  if (server_ < 0)
    return to_server.held ? time_point::max() : time_point::min();
  return std::min(to_server_.due(to_server), to_client_.due(faults.to_client));
}

proxied_connection::state proxied_connection::advance(const pollfd* seen, proxy_faults& faults,
                                                      time_point now) {
  const flow_faults& to_server = to_server_under(faults);
  if (server_ < 0 && !to_server.held)
    connect();
  if (seen[0].revents != 0) {
    to_client_.unblock();
    if (to_server_.wants_input())
      to_server_.receive(client_, faults.to_server, {}, number_, now);
  }
  if (seen[1].revents != 0) {
    to_server_.unblock();
    if (to_client_.wants_input())
      to_client_.receive(server_, faults.to_client, faults.script, number_, now);
  }
  auto cutting = to_server_.send(server_, to_server, now);
  if (!cutting)
    cutting = to_client_.send(client_, faults.to_client, now);
  if (cutting) {
    cut(*cutting);
    return state::cut;
  }
  // The server may still have something for a client that has ended its half, or be about to
  // read what a client has left behind.
  const bool over = to_client_.ended() && to_client_.done() && to_server_.done();
  if (over)
    close();
  return over ? state::over : state::open;
}

void proxied_connection::cut(cut_by how) {
  cut_client(how);
  close();
}

void proxied_connection::leave_ghost(cut_by how) {
  cut_client(how);
  ::close(std::exchange(client_, -1));
  to_server_.end_input();
  to_client_.finish();
  ghost_.held = true;
}

void proxied_connection::cut_client(cut_by how) {
  if (how == cut_by::reset) {
    const linger at_once{1, 0};
    ::setsockopt(client_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  } else {
    ::shutdown(client_, SHUT_WR);
    read_away(client_);
  }
}

}  // namespace turnomatic::support
