// With what a connection logs in, and whom it trusts.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace turnomatic::redis {

struct credentials {
  std::string password;                            ///< empty: none
  std::shared_ptr<boost::asio::ssl::context> tls;  ///< null: no TLS
};

/// Thread-safe.
class credential_source {
 public:
  virtual ~credential_source() = default;

  /// As they are now, for a connection that is about to be made: what files hold is read again, so
  /// a rotation needs neither a restart nor a signal.
  [[nodiscard]] virtual credentials read() = 0;
};

}  // namespace turnomatic::redis
