// A unix socket in the file system.
#pragma once

#include "app/owned_descriptor.hpp"

#include <turnomatic/config.hpp>

#include <boost/system/result.hpp>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace turnomatic::app {

struct opened_unix_socket;

/// The file of a listening socket. It is removed when this is destroyed, unless it has become
/// another's by then.
class unix_socket_file {
 public:
  unix_socket_file(unix_socket_file&& other) noexcept;
  unix_socket_file& operator=(unix_socket_file&&) = delete;
  ~unix_socket_file();

 private:
  friend boost::system::result<opened_unix_socket, std::string> open_unix_socket(
      const endpoint& where, std::uint32_t backlog);

  unix_socket_file(std::string path, dev_t device, ino_t inode) noexcept
      : path_{std::move(path)}, device_{device}, inode_{inode} {}

  std::string path_;  // empty: nothing to remove
  dev_t device_;
  ino_t inode_;
};

struct opened_unix_socket {
  owned_descriptor fd;  ///< listens, without blocking
  unix_socket_file file;
};

/// A file that a process has left behind is replaced if it is a socket on which nobody listens;
/// of several instances that open one at the same time one succeeds. Otherwise the reason. Waits
/// for some seconds at most, for others that are about to do the same. Leaves a file `....lock`
/// beside it.
[[nodiscard]] boost::system::result<opened_unix_socket, std::string> open_unix_socket(
    const endpoint& where, std::uint32_t backlog);

/// Why no socket could be opened there even if nobody listens on it: its directory, or a file that
/// is no socket. Nothing if one could. Changes nothing.
[[nodiscard]] std::optional<std::string> why_not_unix_socket(const std::string& path);

}  // namespace turnomatic::app
