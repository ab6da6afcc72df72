#include "app/listening_sockets.hpp"
#include "app/socket_options.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

namespace turnomatic::app {
namespace {

std::optional<net::socket_address> local_address(int fd) {
  net::socket_address where;
  auto size = static_cast<socklen_t>(where.capacity());
  if (::getsockname(fd, where.data(), &size) != 0)
    return std::nullopt;
  where.resize(size);
  return where;
}

bool listens(int fd, int family) {
  return ::sd_is_socket(fd, family, SOCK_STREAM, 1) > 0;
}

// What sd_listen_fds_with_names allocates.
class descriptor_names {
 public:
  descriptor_names() = default;
  descriptor_names(const descriptor_names&) = delete;
  descriptor_names& operator=(const descriptor_names&) = delete;
  ~descriptor_names() {
    for (char** name = names_; name && *name; ++name)
      std::free(*name);
    std::free(static_cast<void*>(names_));
  }
  [[nodiscard]] char*** out() noexcept { return &names_; }
  [[nodiscard]] std::string_view at(int i) const noexcept { return names_ ? names_[i] : ""; }

 private:
  char** names_{nullptr};
};

}  // namespace

boost::system::result<inherited_sockets, listen_failure> take_inherited_sockets() {
  inherited_sockets sockets;
  descriptor_names names;
  const int count = ::sd_listen_fds_with_names(1, names.out());
  if (count < 0)
    return listen_failure{
        "cannot take over sockets: " +
        boost::system::error_code{-count, boost::system::system_category()}.message()};
  for (int i = 0; i < count; ++i) {
    const int fd = SD_LISTEN_FDS_START + i;
    const bool is_tcp = listens(fd, AF_INET) || listens(fd, AF_INET6);
    const auto where = local_address(fd);
    if (!where || (!is_tcp && !listens(fd, AF_UNIX)))
      return listen_failure{"cannot take over descriptor " + std::to_string(fd) +
                            ": not a listening socket of TCP or a unix socket"};
    if (is_tcp)
      prepare_for_connections(fd);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    auto& target = names.at(i) == "ops" ? sockets.operators : sockets.callers;
    target.shared.push_back({owned_descriptor{fd}, *where});
  }
  return sockets;
}

}  // namespace turnomatic::app
