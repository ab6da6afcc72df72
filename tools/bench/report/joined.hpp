// Text from pieces.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace turnomatic::bench {

/// The pieces one behind the other, with one allocation. A chain of + would take more, and needs
/// a std::string made of every view.
[[nodiscard]] inline std::string joined(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces)
    size += piece.size();
  std::string text;
  text.reserve(size);
  for (const std::string_view piece : pieces)
    text.append(piece);
  return text;
}

}  // namespace turnomatic::bench
