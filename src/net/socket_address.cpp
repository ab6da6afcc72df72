#include "net/socket_address.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace turnomatic::net {
namespace {

using boost::asio::ip::tcp;

bool is_ip(const socket_address& where) noexcept {
  const int family = where.protocol().family();
  return family == AF_INET || family == AF_INET6;
}

// `where` is one of IP.
tcp::endpoint ip_endpoint_of(const socket_address& where) {
  tcp::endpoint ip;
  std::memcpy(ip.data(), where.data(), where.size());
  ip.resize(where.size());
  const boost::asio::ip::address address = ip.address();
  if (!address.is_v6() || !address.to_v6().is_v4_mapped())
    return ip;
  return {boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()), ip.port()};
}

std::string unix_text(const socket_address& where) {
  constexpr std::size_t path_begin = offsetof(sockaddr_un, sun_path);
  if (where.size() <= path_begin)
    return "unix";
  sockaddr_un named{};
  std::memcpy(&named, where.data(), where.size());
  std::string_view path{named.sun_path, where.size() - path_begin};
  if (path.front() == '\0')  // not in the file system (unix(7)); often followed by random bytes
    return "unix";
  path = path.substr(0, path.find('\0'));
  return "unix:" + std::string{path};
}

}  // namespace

peer_address peer_of(const socket_address& where) {
  if (!is_ip(where))
    return std::nullopt;
  return ip_endpoint_of(where);
}

std::string peer_text(const peer_address& peer) {
  return peer ? to_string(*peer) : "unix";
}

std::string to_string(const socket_address& where) {
  if (!is_ip(where))
    return unix_text(where);
  const tcp::endpoint ip = ip_endpoint_of(where);
  const std::string host = ip.address().to_string();
  return (ip.address().is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(ip.port());
}

}  // namespace turnomatic::net
