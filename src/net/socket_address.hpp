// Where a stream socket is bound, or whom it is connected to.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>

namespace turnomatic::net {

/// Of TCP over IPv4 or IPv6, or of a unix socket. An ip::tcp::endpoint converts to it.
using socket_address = boost::asio::generic::stream_protocol::endpoint;

/// `127.0.0.1:7017`, `[::1]:7017`, `unix:/run/turnomatic.sock`, or `unix` where the socket has no
/// name.
[[nodiscard]] std::string to_string(const socket_address& where);

/// Whom a connection comes from, in few bytes; nothing of a unix socket, whose peers have no names.
using peer_address = std::optional<boost::asio::ip::tcp::endpoint>;

/// An IPv4 peer of a socket for both families is seen as IPv6 (::ffff:192.0.2.1, RFC 4291 section
/// 2.5.5.2); it is IPv4 here.
[[nodiscard]] peer_address peer_of(const socket_address& where);

/// `192.0.2.1:49152`, or `unix`.
[[nodiscard]] std::string peer_text(const peer_address& peer);

}  // namespace turnomatic::net
