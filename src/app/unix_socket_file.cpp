#include "app/unix_socket_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace turnomatic::app {
namespace {

std::string message_of(int error) {
  return std::system_category().message(error);
}

std::string directory_of(const std::string& file) {
  return file.substr(0, file.rfind('/') + 1);
}

std::string lock_of(const std::string& file) {
  return file + ".lock";
}

// Looking whether a file is stale and replacing it are two steps. The lock makes them one for all
// instances: without it two that start together would both find the file stale, and the second
// would remove what the first has just made.
//
// What is locked is a file of our own, for us alone: a directory can be locked by anybody who may
// read it. It stays, since another instance may be waiting for it, and would then hold the lock of
// a file that nobody else finds.
class file_lock {
 public:
  /// Waits ten milliseconds so often.
  file_lock(const std::string& file, int waits)
      : fd_{::open(lock_of(file).c_str(),
                   O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600)} {
    using namespace std::chrono_literals;
    if (fd_.get() < 0) {
      failure_ = "cannot open " + lock_of(file) + ": " + message_of(errno);
      return;
    }
    for (int i = 0; ::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0; ++i) {
      if (errno != EWOULDBLOCK || i == waits) {
        failure_ = "cannot lock " + lock_of(file) + ": " +
                   (errno == EWOULDBLOCK ? "another process has locked it" : message_of(errno));
        return;
      }
      std::this_thread::sleep_for(10ms);
    }
  }

  /// Why it could not be had; nothing if it could.
  [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }

 private:
  const owned_descriptor fd_;
  std::optional<std::string> failure_;
};

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

int stream_socket() {
  return ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

using system_call = int(int, const sockaddr*, socklen_t);

int error_of(system_call* call, int fd, const std::string& path) {
  const sockaddr_un address = address_of(path);
  return call(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

std::optional<std::string> why_no_socket(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0)
    return errno == ENOENT ? std::nullopt : std::optional{message_of(errno)};
  if (!S_ISSOCK(status.st_mode))
    return "the file exists and is not a socket";
  return std::nullopt;
}

// Why the file may not be replaced; nothing if it may.
std::optional<std::string> why_not_stale(const std::string& path) {
  if (auto why = why_no_socket(path))
    return why;
  const owned_descriptor probe{stream_socket()};
  switch (const int error = error_of(::connect, probe.get(), path)) {
    case ECONNREFUSED:
    case ENOENT:
      return std::nullopt;
    case 0:
    case EAGAIN:  // its backlog is full
      return message_of(EADDRINUSE);
    default:
      return message_of(error);
  }
}

// Nothing if it listens. Nobody can connect before it does, so the permissions are in time.
std::optional<std::string> failure_to_listen(int fd, const endpoint& where, std::uint32_t backlog) {
  const std::string& path = where.unix_path;
  int error = error_of(::bind, fd, path);
  if (error == EADDRINUSE) {
    if (auto why = why_not_stale(path))
      return why;
    ::unlink(path.c_str());
    error = error_of(::bind, fd, path);
  }
  if (error != 0)
    return message_of(error);
  if (::chmod(path.c_str(), where.unix_mode) != 0 || ::listen(fd, static_cast<int>(backlog)) != 0) {
    error = errno;
    ::unlink(path.c_str());
    return message_of(error);
  }
  return std::nullopt;
}

}  // namespace

unix_socket_file::unix_socket_file(unix_socket_file&& other) noexcept
    : path_{std::exchange(other.path_, {})}, device_{other.device_}, inode_{other.inode_} {}

unix_socket_file::~unix_socket_file() {
  if (path_.empty())
    return;
  const file_lock lock{path_, 50};
  struct stat status {};
  if (!lock.failure() && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
      status.st_ino == inode_)
    ::unlink(path_.c_str());
}

boost::system::result<opened_unix_socket, std::string> open_unix_socket(const endpoint& where,
                                                                        std::uint32_t backlog) {
  const std::string& path = where.unix_path;
  const file_lock lock{path, 500};
  if (const auto& why = lock.failure())
    return *why;
  owned_descriptor fd{stream_socket()};
  if (fd.get() < 0)
    return message_of(errno);
  if (auto why = failure_to_listen(fd.get(), where, backlog))
    return std::move(*why);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0)
    return message_of(errno);
  return opened_unix_socket{std::move(fd), unix_socket_file{path, status.st_dev, status.st_ino}};
}

std::optional<std::string> why_not_unix_socket(const std::string& path) {
  const std::string directory = directory_of(path);
  if (::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    return "its directory: " + message_of(errno);
  return why_no_socket(path);
}

}  // namespace turnomatic::app
