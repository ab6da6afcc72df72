// Secrets that are kept out of the configuration.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace turnomatic::app {

/// Why a file has no secret, as a clause that does not name the file.
struct no_secret {
  std::string why;
};
/// What result::value throws: std::runtime_error.
[[noreturn]] void throw_exception_from_error(const no_secret& error,
                                             const boost::source_location& where);

/// The first line of a file without its end; an empty one is none. `what` is what should be there,
/// for people.
[[nodiscard]] boost::system::result<std::string, no_secret> read_secret(const std::string& path,
                                                                        std::string_view what);

}  // namespace turnomatic::app
