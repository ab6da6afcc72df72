// The files that a configuration names.
#pragma once

#include "app/config/configuration_error.hpp"
#include "app/config/load.hpp"
#include "backend/redis/wire/tls_stream.hpp"

#include <string>
#include <vector>

namespace turnomatic::app {

struct named_file {
  std::string path{};     ///< empty: none is named, or the configuration does not use it
  std::string content{};  ///< of a secret its first line; not empty where `path` is not
  bool once{false};       ///< a pipe or the like: there is nothing to be read a second time
};

/// What the files hold.
struct named_files {
  named_file admin_token{};
  named_file redis_password{};
  named_file sentinel_password{};
  named_file tls_ca{};
  named_file tls_certificate{};
  named_file tls_key{};

  [[nodiscard]] redis::tls_material tls() const {
    return {tls_ca.content, tls_certificate.content, tls_key.content};
  }
};

struct named_files_read {
  named_files files;
  std::vector<configuration_error> errors;  ///< one of its key for each that cannot be used
};

/// Reads those that a start would read, each of them once: it may be a pipe. Whatever needs their
/// contents later has them from here.
[[nodiscard]] named_files_read read_named_files(const loaded_configuration& loaded, occasion when);

/// What the files of a connection to Redis hold now, where those in `in_use` came from. One that
/// cannot be used stays as it is there, and so do all of TLS if one of them cannot: a certificate
/// and its key change together. The errors have no origin.
[[nodiscard]] named_files_read read_redis_files_again(const configuration& values,
                                                      const named_files& in_use);

/// The keys of the files of a connection to Redis that hold something else in `later`, under the
/// same path.
[[nodiscard]] std::vector<std::string> changed_files(const named_files& in_force,
                                                     const named_files& later);

}  // namespace turnomatic::app
