// Where requests go.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace turnomatic::bench {

/// A base URL taken apart. `/turno/{id}` is appended to `prefix`.
struct target {
  std::string url;  ///< as given
  bool tls{false};
  std::string host;  ///< a name or an address, without brackets
  std::string port;
  std::string host_field;                  ///< of the Host header
  std::string prefix;                      ///< empty, or a path without a trailing slash
  boost::asio::ip::tcp::endpoint address;  ///< set by `find_address`
};

/// Why something cannot be used, in words for the user.
struct complaint {
  std::string message;
};

[[nodiscard]] boost::system::result<target, complaint> parse_target(std::string_view url);

/// Resolves the host and keeps the first of its addresses that accepts a connection within
/// `patience`. Blocks.
[[nodiscard]] boost::system::result<void, complaint> find_address(
    target& where, std::chrono::milliseconds patience);

}  // namespace turnomatic::bench
