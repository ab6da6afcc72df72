// The files that a configuration names.
#pragma once

#include "app/config/configuration_error.hpp"
#include "app/config/load.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace turnomatic::app {

/// Reads those that a start would read; an error of its key for each that cannot be used.
[[nodiscard]] std::vector<configuration_error> check_named_files(
    const loaded_configuration& loaded);

/// Tells what is in force from what the files hold by now, for those that are read at the start
/// alone.
class file_contents {
 public:
  /// Of the files that the configuration names now.
  explicit file_contents(const configuration& of);

  /// The keys whose files hold something else than in `other`.
  [[nodiscard]] std::vector<std::string> differences(const file_contents& other) const;

 private:
  std::map<std::string, std::size_t> hashes_;  // by key
};

}  // namespace turnomatic::app
