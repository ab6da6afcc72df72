#include "backend/redis/wire/tls_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace turnomatic::redis {
namespace {

using boost::system::error_code;

/// The socket as asio::ssl wants it. A write never fails for want of room: asio::ssl would lose
/// the rest of a record.
class buffering_layer {
 public:
  using executor_type = boost::asio::io_context::executor_type;
  using lowest_layer_type = buffering_layer;

  buffering_layer(boost::asio::io_context& io, std::unique_ptr<net::socket_stream> socket)
      : executor_{io.get_executor()}, socket_{std::move(socket)} {}

  [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
  [[nodiscard]] lowest_layer_type& lowest_layer() noexcept { return *this; }
  [[nodiscard]] const lowest_layer_type& lowest_layer() const noexcept { return *this; }

  template <class Buffers>
  std::size_t read_some(const Buffers& into, error_code& error) {
    const boost::asio::mutable_buffer buffer = *boost::asio::buffer_sequence_begin(into);
    return socket_->read_some({static_cast<char*>(buffer.data()), buffer.size()}, error);
  }

  template <class Buffers>
  std::size_t write_some(const Buffers& from, error_code& error) {
    std::size_t size = 0;
    for (auto at = boost::asio::buffer_sequence_begin(from);
         at != boost::asio::buffer_sequence_end(from); ++at) {
      const boost::asio::const_buffer buffer = *at;
      unsent_.append(static_cast<const char*>(buffer.data()), buffer.size());
      size += buffer.size();
    }
    error = flush();
    return error ? 0 : size;
  }

  error_code flush() {
    error_code error;
    if (unsent_.empty())
      return error;
    unsent_.erase(0, socket_->write_some(unsent_, error));
    if (net::would_block(error))
      error = {};
    if (!error && !unsent_.empty())
      socket_->notify_writable();
    return error;
  }

  [[nodiscard]] net::socket_stream& socket() noexcept { return *socket_; }

 private:
  executor_type executor_;
  std::unique_ptr<net::socket_stream> socket_;
  std::string unsent_;
};

/// Says so where a certificate is good but for the name that it bears: asio's check leaves no
/// reason, and the certificate would be "unspecified".
class name_verification {
 public:
  explicit name_verification(const std::string& name) : of_host_{name} {}

  bool operator()(bool preverified, boost::asio::ssl::verify_context& context) const {
    const bool accepted = of_host_(preverified, context);
    if (preverified && !accepted)
      ::X509_STORE_CTX_set_error(context.native_handle(), X509_V_ERR_HOSTNAME_MISMATCH);
    return accepted;
  }

 private:
  boost::asio::ssl::host_name_verification of_host_;
};

std::vector<tls_problem> load(boost::asio::ssl::context& context, const tls_material& material) {
  std::vector<tls_problem> problems;
  error_code error;
  const auto note = [&](std::string tls_material::*part) {
    if (error)
      problems.push_back({part, std::exchange(error, {})});
  };
  if (material.ca.empty())
    context.set_default_verify_paths(error);
  else
    context.add_certificate_authority(boost::asio::buffer(material.ca), error);
  note(&tls_material::ca);
  if (material.certificate.empty())
    return problems;
  // OpenSSL would ask for the password of a key at the terminal, and wait for it.
  context.set_password_callback([](std::size_t, auto) { return std::string{}; }, error);
  context.use_certificate_chain(boost::asio::buffer(material.certificate), error);
  // "PEM lib" is all that asio says of what is no certificate.
  if (const auto why = ::ERR_peek_last_error(); error && why != 0)
    error.assign(static_cast<int>(why), boost::asio::error::get_ssl_category());
  note(&tls_material::certificate);
  context.use_private_key(boost::asio::buffer(material.key), boost::asio::ssl::context::pem, error);
  note(&tls_material::key);
  return problems;
}

}  // namespace

std::vector<tls_problem> problems_of(const tls_material& material) {
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_client};
  return load(context, material);
}

std::shared_ptr<boost::asio::ssl::context> make_tls_context(const tls_material& material) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  context->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  context->set_verify_mode(ssl::verify_peer);
  if (const auto problems = load(*context, material); !problems.empty())
    throw boost::system::system_error{problems.front().why, "TLS to Redis"};
  return context;
}

struct tls_stream::implementation {
  implementation(boost::asio::io_context& io, boost::asio::ssl::context& context,
                 std::unique_ptr<net::socket_stream> socket)
      : ssl{buffering_layer{io, std::move(socket)}, context} {}

  boost::asio::ssl::stream<buffering_layer> ssl;
};

tls_stream::tls_stream(boost::asio::io_context& io, boost::asio::ssl::context& context,
                       std::unique_ptr<net::socket_stream> socket, const std::string& server_name)
    : impl_{std::make_unique<implementation>(io, context, std::move(socket))} {
  impl_->ssl.set_verify_callback(name_verification{server_name});
  // What SSL_set_tlsext_host_name does, without its cast. A numeric address is ignored by servers.
  std::string name = server_name;
  ::SSL_ctrl(impl_->ssl.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             name.data());
}

tls_stream::~tls_stream() = default;

tls_stream::error_code tls_stream::handshake() {
  error_code error;
  impl_->ssl.handshake(boost::asio::ssl::stream_base::client, error);
  return error;
}

std::string tls_stream::verification_failure() const {
  const long found = ::SSL_get_verify_result(impl_->ssl.native_handle());
  return found == X509_V_OK ? std::string{} : ::X509_verify_cert_error_string(found);
}

std::size_t tls_stream::read_some(std::span<char> into, error_code& error) {
  return impl_->ssl.read_some(boost::asio::buffer(into.data(), into.size()), error);
}

std::size_t tls_stream::write_some(std::string_view from, error_code& error) {
  return impl_->ssl.write_some(boost::asio::buffer(from.data(), from.size()), error);
}

void tls_stream::notify_writable() {
  impl_->ssl.next_layer().socket().notify_writable();
}

void tls_stream::shutdown_send() {
  impl_->ssl.next_layer().socket().shutdown_send();
}

tls_stream::error_code tls_stream::flush() {
  return impl_->ssl.next_layer().flush();
}

}  // namespace turnomatic::redis
