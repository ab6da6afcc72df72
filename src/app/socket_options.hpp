// What is set of listening sockets.
#pragma once

#include "net/socket_address.hpp"

#include <boost/system/error_code.hpp>

#include <string>

namespace turnomatic::app {

/// What accepted connections inherit from a socket of TCP, so that none costs a system call for it.
void prepare_for_connections(int fd) noexcept;

/// Lets other sockets have the same address.
[[nodiscard]] boost::system::error_code allow_sharing(int fd) noexcept;

/// The address of a listening socket for people: `*:7017` if it is for all addresses of both
/// families, which its address alone, `[::]:7017`, does not tell.
[[nodiscard]] std::string address_text(int fd, const net::socket_address& where);

}  // namespace turnomatic::app
