// Texts for people.
#pragma once

#include <sstream>
#include <string>

namespace turnomatic::app {

/// Its parts as a stream writes them.
template <class... Parts>
[[nodiscard]] std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

}  // namespace turnomatic::app
