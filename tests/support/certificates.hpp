// Certificates that a test makes for itself: good ones, and those that must be refused.
#pragma once

#include "support/temporary_directory.hpp"

#include <memory>
#include <string>
#include <vector>

namespace turnomatic::support {

/// A certificate and its private key, both in PEM.
struct identity {
  std::string certificate;
  std::string key;
};

/// The paths where an identity lies.
struct identity_files {
  std::string certificate;
  std::string key;
};
/// Writes `name`.crt and `name`.key.
[[nodiscard]] identity_files write_identity(const identity& what, const temporary_directory& into,
                                            const std::string& name);

/// What a server is called and where it can be reached.
struct server_names {
  std::vector<std::string> dns{};
  std::vector<std::string> addresses{};  ///< IPv4 or IPv6
};

/// From an hour ago until an hour from now, or over for an hour.
enum class validity { current, expired };

/// Issues certificates over keys of their own (P-256). Two authorities know nothing of each
/// other, whatever their names. Throws std::runtime_error if OpenSSL refuses something.
class certificate_authority {
 public:
  explicit certificate_authority(const std::string& name = "Turnomatic test authority");
  ~certificate_authority();
  certificate_authority(const certificate_authority&) = delete;
  certificate_authority& operator=(const certificate_authority&) = delete;

  /// Its own certificate, in PEM: what those must trust who are to believe the others.
  [[nodiscard]] const std::string& certificate() const noexcept { return certificate_; }

  /// Good for servers only. The common name is the first of the names.
  [[nodiscard]] identity issue_server(const server_names& names, validity when = validity::current);
  /// Good for clients only.
  [[nodiscard]] identity issue_client(const std::string& common_name,
                                      validity when = validity::current);

 private:
  struct signer;

  std::unique_ptr<signer> signer_;
  std::string certificate_;
};

}  // namespace turnomatic::support
