#include "app/listening_sockets.hpp"

#include "net/socket_address.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

namespace turnomatic::app {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

listen_failure failure(const std::string& where, const error_code& error) {
  return {"cannot listen on " + where + ": " + error.message()};
}

error_code allow_sharing(tcp::acceptor& acceptor) {
  const int on = 1;
  if (::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0)
    return {};
  return {errno, boost::system::system_category()};
}

enum class sharing { exclusive, shared };

// What accepted sockets inherit, so that no connection costs a system call for it.
//  - No delay: an answer is written at once and whole.
//  - A bound on what the kernel takes but has not sent: without it a slow reader ties up
//    megabytes, and whether it makes progress shows only when a third of them is gone.
void prepare_for_connections(int fd) {
  const int on = 1;
  const int unsent_max = 64 * 1024;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_max, sizeof unsent_max);
}

// An exclusive socket listens before it allows others: bind(2) alone would let in a second
// process that is at the same point, listen(2) looks again (inet_csk_listen_start).
error_code open_one(tcp::acceptor& acceptor, const tcp::endpoint& where, sharing how,
                    std::uint32_t backlog) {
  error_code error;
  const auto failed = [&error] { return static_cast<bool>(error); };
  if (acceptor.open(where.protocol(), error); failed())
    return error;
  if (acceptor.set_option(tcp::acceptor::reuse_address{true}, error); failed())
    return error;
  prepare_for_connections(acceptor.native_handle());
  if (where.address().is_v6()) {
    if (acceptor.set_option(boost::asio::ip::v6_only{true}, error); failed())
      return error;
  }
  if (how == sharing::shared) {
    if (error = allow_sharing(acceptor); failed())
      return error;
  }
  if (acceptor.bind(where, error); failed())
    return error;
  if (acceptor.listen(static_cast<int>(backlog), error); failed())
    return error;
  if (acceptor.native_non_blocking(true, error); failed())
    return error;
  if (how == sharing::exclusive)
    error = allow_sharing(acceptor);
  return error;
}

std::optional<tcp::endpoint> local_endpoint(int fd) {
  tcp::endpoint where;
  auto size = static_cast<socklen_t>(where.capacity());
  if (::getsockname(fd, where.data(), &size) != 0)
    return std::nullopt;
  where.resize(size);
  return where;
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

listening_socket::listening_socket(listening_socket&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, where_{std::move(other.where_)} {}

listening_socket::~listening_socket() {
  if (fd_ >= 0)
    ::close(fd_);
}

int listening_socket::release() noexcept {
  return std::exchange(fd_, -1);
}

listen_result open_listening_sockets(const endpoint& where, std::uint32_t copies,
                                     std::uint32_t backlog) {
  error_code error;
  const auto address = boost::asio::ip::make_address(where.host, error);
  if (error)
    return failure(where.host, error);
  tcp::endpoint target{address, where.port};

  boost::asio::io_context unused;
  listening_sockets sockets;
  for (std::uint32_t i = 0; i < copies; ++i) {
    tcp::acceptor acceptor{unused};
    const sharing how = i == 0 ? sharing::exclusive : sharing::shared;
    if (error = open_one(acceptor, target, how, backlog); error)
      return failure(net::to_string(target), error);
    target = acceptor.local_endpoint(error);
    if (error)
      return failure(net::to_string(target), error);
    sockets.emplace_back(acceptor.release(), target);
  }
  return sockets;
}

boost::system::result<inherited_sockets, listen_failure> take_inherited_sockets() {
  inherited_sockets sockets;
  descriptor_names names;
  const int count = ::sd_listen_fds_with_names(1, names.out());
  if (count < 0)
    return listen_failure{"cannot take over sockets: " +
                          error_code{-count, boost::system::system_category()}.message()};
  for (int i = 0; i < count; ++i) {
    const int fd = SD_LISTEN_FDS_START + i;
    const auto where = local_endpoint(fd);
    const bool usable = where && (::sd_is_socket(fd, AF_INET, SOCK_STREAM, 1) > 0 ||
                                  ::sd_is_socket(fd, AF_INET6, SOCK_STREAM, 1) > 0);
    if (!usable)
      return listen_failure{"cannot take over descriptor " + std::to_string(fd) +
                            ": not a listening TCP socket"};
    prepare_for_connections(fd);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    auto& target = names.at(i) == "ops" ? sockets.operators : sockets.callers;
    target.emplace_back(fd, *where);
  }
  return sockets;
}

}  // namespace turnomatic::app
