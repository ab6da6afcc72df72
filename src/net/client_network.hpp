// Whom an address counts for.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>

namespace turnomatic::net {

/// The part of an address that its host cannot choose, as a number: all of an IPv4 address, also
/// where it comes mapped into IPv6, and the first half of an IPv6 address (RFC 4291 section 2.5.1).
/// Different for different ones.
[[nodiscard]] std::uint64_t network_of(const boost::asio::ip::address& from);

/// What counts for clients of a unix socket, who are all one: no network's number.
inline constexpr std::uint64_t this_host = 0xffff'fffe'0000'0000;

}  // namespace turnomatic::net
