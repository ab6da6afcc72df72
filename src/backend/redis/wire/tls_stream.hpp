// TLS over a non-blocking socket.
#pragma once

#include "net/byte_stream.hpp"
#include "net/socket_stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace turnomatic::redis {

/// What to trust under TLS, and whom to claim to be. PEM texts; an empty CA: the system's.
struct tls_material {
  std::string ca;
  std::string certificate;  ///< with what leads up to an authority; empty: none, and no key either
  std::string key;
};

/// One of them that cannot be used.
struct tls_problem {
  std::string tls_material::*part;
  boost::system::error_code why;
};

/// All that is wrong with them: not PEM, a key of another certificate.
[[nodiscard]] std::vector<tls_problem> problems_of(const tls_material& material);

/// Throws boost::system::system_error if something is wrong with them.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> make_tls_context(
    const tls_material& material);

/// A client's end. asio::ssl does the work, its synchronous functions over a socket that does not
/// block; what the socket does not take at once is kept and bounded by what the caller writes.
class tls_stream final : public net::byte_stream {
 public:
  /// `server_name` must be in the server's certificate; a numeric address may be.
  tls_stream(boost::asio::io_context& io, boost::asio::ssl::context& context,
             std::unique_ptr<net::socket_stream> socket, const std::string& server_name);
  ~tls_stream() override;

  /// Goes on with the handshake: no error when it is complete, would_block when the peer has to
  /// say something first.
  [[nodiscard]] error_code handshake();
  /// Why the server's certificate was not believed, in OpenSSL's words; empty if it was, or was not
  /// looked at.
  [[nodiscard]] std::string verification_failure() const;

  [[nodiscard]] std::size_t read_some(std::span<char> into, error_code& error) override;
  [[nodiscard]] std::size_t write_some(std::string_view from, error_code& error) override;
  void notify_writable() override;
  void shutdown_send() override;

  /// Sends what the socket would not take; for when it has become writable.
  [[nodiscard]] error_code flush();

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

}  // namespace turnomatic::redis
