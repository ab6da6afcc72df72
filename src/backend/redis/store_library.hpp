// What counts inside Redis.
#pragma once

#include <string>

namespace turnomatic::redis {

/// The Lua library, named after a hash of its text: a version that is loaded is never replaced, so
/// instances of two versions can share a store. The names of its functions are its own.
struct store_library {
  store_library();

  const std::string name;
  const std::string take;
  const std::string take_once;
  const std::string resolve;
  const std::string raise;
  const std::string set;
  std::string source;
};

/// The one of this program.
[[nodiscard]] const store_library& the_library();

}  // namespace turnomatic::redis
