#include "support/tls_server.hpp"

#include "support/certificates.hpp"
#include "support/freed_by.hpp"
#include "support/loopback.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace turnomatic::support {
namespace {

using session = std::unique_ptr<SSL, freed_by<::SSL_free>>;

}  // namespace

struct tls_server::context {
  std::unique_ptr<SSL_CTX, freed_by<::SSL_CTX_free>> tls;
};

tls_server::tls_server() : context_{std::make_unique<context>()} {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  certificate_authority authority;
  authority_ = authority.certificate();
  const temporary_directory directory;
  const identity_files own =
      write_identity(authority.issue_server({.dns = {"localhost"}}), directory, "server");
  SSL_CTX* const tls = ::SSL_CTX_new(::TLS_server_method());
  context_->tls.reset(tls);
  ::SSL_CTX_use_certificate_file(tls, own.certificate.c_str(), SSL_FILETYPE_PEM);
  ::SSL_CTX_use_PrivateKey_file(tls, own.key.c_str(), SSL_FILETYPE_PEM);

  const loopback_listener listening = listen_on_loopback();
  listener_ = listening.fd;
  port_ = listening.port;
  thread_ = std::jthread{[this] { run(); }};
}

tls_server::~tls_server() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);  // wakes the accept
  thread_.join();
  clients_.clear();
  ::close(listener_);
}

std::vector<std::string> tls_server::heads() const {
  const std::lock_guard lock{mutex_};
  return heads_;
}

void tls_server::run() {
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0)
      continue;
    const timeval patience{0, 100'000};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    clients_.emplace_back([this, fd] {
      serve(fd);
      ::close(fd);
    });
  }
}

void tls_server::serve(int fd) {
  const session tls{::SSL_new(context_->tls.get())};
  ::SSL_set_fd(tls.get(), fd);
  if (::SSL_accept(tls.get()) != 1)
    return;
  std::string input;
  while (!stopping_) {
    std::array<char, 4096> buffer;
    const int size = ::SSL_read(tls.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (size <= 0) {
      if (::SSL_get_error(tls.get(), size) == SSL_ERROR_WANT_READ)
        continue;
      return;
    }
    input.append(buffer.data(), static_cast<std::size_t>(size));
    std::string answers;
    for (std::size_t end; (end = input.find("\r\n\r\n")) != std::string::npos;) {
      const std::lock_guard lock{mutex_};
      heads_.push_back(input.substr(0, end));
      input.erase(0, end + 4);
      const std::string body = R"({"id":"a","turno":)" + std::to_string(++turn_) + "}";
      answers +=
          "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    // In two records, as a server that writes head and body apart does.
    const std::size_t half = answers.size() / 2;
    if (half > 0) {
      ::SSL_write(tls.get(), answers.data(), static_cast<int>(half));
      ::SSL_write(tls.get(), answers.data() + half, static_cast<int>(answers.size() - half));
    }
  }
}

}  // namespace turnomatic::support
