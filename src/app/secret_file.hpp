// Secrets that are kept out of the configuration.
#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace turnomatic::app {

enum class secret_kind {
  /// What a request may carry as its bearer: a b64token (RFC 6750 section 2.1) that fits into a
  /// head however low http.header_max is.
  token,
  /// Any bytes. Some clouds have web tokens of a few KB for one.
  password,
};

inline constexpr std::size_t token_bytes_max = 512;
inline constexpr std::size_t password_bytes_max = 16 * 1024;

/// How much of a file must be read to have its secret, or to see that it has none.
[[nodiscard]] std::size_t bytes_of_secret_file(secret_kind kind) noexcept;

/// Why a file has no secret, as a clause that does not name the file.
struct no_secret {
  std::string why;
};

/// The first line of a file without its end; an empty one is none.
[[nodiscard]] boost::system::result<std::string, no_secret> secret_of(std::string_view text,
                                                                      secret_kind kind);

}  // namespace turnomatic::app
