// Files that others supply: the configuration, secrets, certificates.
#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace turnomatic::app {

/// When the configuration is read.
enum class occasion {
  /// What can be read only once will do, such as a pipe.
  start,
  /// The thread that hears of signals reads: only a regular file neither waits nor goes on for
  /// ever, and says the same again if nobody has changed it.
  reload,
};

/// Why a file cannot be read, as a clause that does not name it.
struct unreadable {
  std::string why;
};

using file_text = boost::system::result<std::string, unreadable>;

/// How long the end of what is no regular file is waited for.
inline constexpr std::chrono::seconds file_patience{10};

/// The text of a file. Of more than `bytes_max` bytes one byte more than that is returned, and the
/// rest is not read. Waits for a pipe, `patience` in all. Throws nothing but std::bad_alloc.
[[nodiscard]] file_text read_file(const std::string& path, std::size_t bytes_max, occasion when,
                                  std::chrono::milliseconds patience = file_patience);

}  // namespace turnomatic::app
