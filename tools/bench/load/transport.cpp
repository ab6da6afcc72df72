#include "load/transport.hpp"

#include <boost/asio/ip/address.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

namespace turnomatic::bench {
namespace {

io_status status_of_errno(io_status would_block) noexcept {
  return errno == EAGAIN || errno == EINTR ? would_block : io_status::failed;
}

// A socket that has begun to connect, or -1.
int begin_connect(const boost::asio::ip::tcp::endpoint& where) noexcept {
  const int fd =
      ::socket(where.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0)
    return -1;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, where.data(), static_cast<socklen_t>(where.size())) != 0 &&
      errno != EINPROGRESS) {
    ::close(fd);
    return -1;
  }
  return fd;
}

struct ssl_deleter {
  void operator()(SSL* ssl) const noexcept { ::SSL_free(ssl); }
};

class tls_transport final : public transport {
 public:
  tls_transport(int fd, std::unique_ptr<SSL, ssl_deleter> ssl)
      : transport{fd}, ssl_{std::move(ssl)} {}

  io_status establish() override {
    if (const io_status below = transport::establish(); below != io_status::done)
      return below;
    ::ERR_clear_error();
    return status_of(::SSL_connect(ssl_.get()));
  }

  io_result read_some(std::span<char> into) override {
    std::size_t size = 0;
    ::ERR_clear_error();
    return {status_of(::SSL_read_ex(ssl_.get(), into.data(), into.size(), &size)), size};
  }

  io_result write_some(std::string_view from) override {
    std::size_t size = 0;
    ::ERR_clear_error();
    return {status_of(::SSL_write_ex(ssl_.get(), from.data(), from.size(), &size)), size};
  }

  // A read returns one record; the socket may hold more.
  [[nodiscard]] bool short_read_empties() const override { return false; }

 private:
  [[nodiscard]] io_status status_of(int result) const {
    switch (::SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_NONE:
        return io_status::done;
      case SSL_ERROR_WANT_READ:
        return io_status::want_read;
      case SSL_ERROR_WANT_WRITE:
        return io_status::want_write;
      case SSL_ERROR_ZERO_RETURN:
        return io_status::closed;
      default:
        return io_status::failed;
    }
  }

  std::unique_ptr<SSL, ssl_deleter> ssl_;
};

class plain_transport final : public transport {
 public:
  explicit plain_transport(int fd) noexcept : transport{fd} {}
};

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

transport::~transport() {
  ::close(fd_);
}

io_status transport::establish() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? io_status::done : io_status::failed;
}

io_result transport::read_some(std::span<char> into) {
  const ssize_t size = ::recv(fd_, into.data(), into.size(), 0);
  if (size > 0)
    return {io_status::done, static_cast<std::size_t>(size)};
  return {size == 0 ? io_status::closed : status_of_errno(io_status::want_read)};
}

io_result transport::write_some(std::string_view from) {
  const ssize_t size = ::send(fd_, from.data(), from.size(), MSG_NOSIGNAL);
  if (size >= 0)
    return {io_status::done, static_cast<std::size_t>(size)};
  return {status_of_errno(io_status::want_write)};
}

struct transport_factory::tls_context {
  struct deleter {
    void operator()(SSL_CTX* which) const noexcept { ::SSL_CTX_free(which); }
  };
  std::unique_ptr<SSL_CTX, deleter> context;
};

transport_factory::transport_factory() = default;
transport_factory::~transport_factory() = default;

boost::system::result<void, complaint> transport_factory::use_tls(const tls_settings& settings) {
  auto tls = std::make_unique<tls_context>();
  tls->context.reset(::SSL_CTX_new(::TLS_client_method()));
  if (!tls->context)
    return complaint{"cannot set TLS up"};
  ::SSL_CTX_set_mode(tls->context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ::SSL_CTX_set_verify(tls->context.get(), settings.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                       nullptr);
  const bool trusted = settings.ca_file.empty()
                           ? ::SSL_CTX_set_default_verify_paths(tls->context.get()) == 1
                           : ::SSL_CTX_load_verify_locations(
                                 tls->context.get(), settings.ca_file.c_str(), nullptr) == 1;
  if (!trusted)
    return complaint{settings.ca_file + ": no certificates to be read there"};
  tls_ = std::move(tls);
  return {};
}

std::unique_ptr<transport> transport_factory::open(const target& where) const {
  const int fd = begin_connect(where.address);
  if (fd < 0)
    return nullptr;
  if (!where.tls)
    return std::make_unique<plain_transport>(fd);

  std::unique_ptr<SSL, ssl_deleter> ssl{::SSL_new(tls_->context.get())};
  ::SSL_set_fd(ssl.get(), fd);
  if (is_address(where.host)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl.get()), where.host.c_str());
  } else {
    // What SSL_set_tlsext_host_name does, without its cast.
    std::string name = where.host;
    ::SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    ::SSL_set1_host(ssl.get(), where.host.c_str());
  }
  return std::make_unique<tls_transport>(fd, std::move(ssl));
}

}  // namespace turnomatic::bench
