#include "app/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace turnomatic::app {

//  - No delay: an answer is written at once and whole.
//  - A bound on what the kernel takes but has not sent: without it a slow reader ties up
//    megabytes, and whether it makes progress shows only when a third of them is gone.
void prepare_for_connections(int fd) noexcept {
  const int on = 1;
  const int unsent_max = 64 * 1024;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_max, sizeof unsent_max);
}

boost::system::error_code allow_sharing(int fd) noexcept {
  const int on = 1;
  if (::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0)
    return {};
  return {errno, boost::system::system_category()};
}

std::string address_text(int fd, const net::socket_address& where) {
  std::string text = net::to_string(where);
  int v6_only = 1;
  socklen_t size = sizeof v6_only;
  const bool is_ipv6 = ::getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, &size) == 0;
  constexpr std::string_view all = "[::]";
  if (is_ipv6 && v6_only == 0 && text.starts_with(all))
    text.replace(0, all.size(), "*");
  return text;
}

}  // namespace turnomatic::app
