#include "support/tls_server.hpp"

#include "support/loopback.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace turnomatic::support {
namespace {

template <auto Free>
struct freed_by {
  template <class Type>
  void operator()(Type* what) const noexcept {
    Free(what);
  }
};
using key = std::unique_ptr<EVP_PKEY, freed_by<::EVP_PKEY_free>>;
using signed_certificate = std::unique_ptr<X509, freed_by<::X509_free>>;
using context = std::unique_ptr<SSL_CTX, freed_by<::SSL_CTX_free>>;
using session = std::unique_ptr<SSL, freed_by<::SSL_free>>;
using extension = std::unique_ptr<X509_EXTENSION, freed_by<::X509_EXTENSION_free>>;

constexpr long valid_seconds = 3600;

void add_name(X509* to) {
  X509_NAME* const name = ::X509_get_subject_name(to);
  const std::array<unsigned char, 9> text{'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
  ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text.data(), text.size(), -1, 0);
  ::X509_set_issuer_name(to, name);
  const extension alternative{
      ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost")};
  ::X509_add_ext(to, alternative.get(), -1);
}

signed_certificate self_signed(EVP_PKEY* by) {
  signed_certificate made{::X509_new()};
  ::X509_set_version(made.get(), 2);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(made.get()), 1);
  ::X509_gmtime_adj(::X509_getm_notBefore(made.get()), -valid_seconds);
  ::X509_gmtime_adj(::X509_getm_notAfter(made.get()), valid_seconds);
  ::X509_set_pubkey(made.get(), by);
  add_name(made.get());
  ::X509_sign(made.get(), by, ::EVP_sha256());
  return made;
}

std::string pem_of(X509* what) {
  const std::unique_ptr<BIO, freed_by<::BIO_free_all>> memory{::BIO_new(::BIO_s_mem())};
  ::PEM_write_bio_X509(memory.get(), what);
  std::array<char, 8192> text;
  const int size = ::BIO_read(memory.get(), text.data(), static_cast<int>(text.size()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

struct tls_server::identity {
  key own;
  signed_certificate signed_by_it;
  context tls;
};

tls_server::tls_server() : identity_{std::make_unique<identity>()} {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  identity_->own.reset(::EVP_EC_gen("P-256"));
  identity_->signed_by_it = self_signed(identity_->own.get());
  certificate_ = pem_of(identity_->signed_by_it.get());
  identity_->tls.reset(::SSL_CTX_new(::TLS_server_method()));
  ::SSL_CTX_use_certificate(identity_->tls.get(), identity_->signed_by_it.get());
  ::SSL_CTX_use_PrivateKey(identity_->tls.get(), identity_->own.get());

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
  const session tls{::SSL_new(identity_->tls.get())};
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
