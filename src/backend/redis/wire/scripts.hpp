// The scripts that a store runs for us. lua/*.lua say what each does, takes and answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace turnomatic::redis {

/// In the order in which CMakeLists.txt names them.
enum class script_id : std::uint8_t {
  found,
  register_lane,
  take_over,
  take,
  refresh,
  raise_marks,
  report,
  set_turn,
  resume,
};
inline constexpr std::size_t script_count = static_cast<std::size_t>(script_id::resume) + 1;

struct script {
  std::string_view name;
  std::string_view text;  ///< for SCRIPT LOAD
  std::string_view sha;   ///< for EVALSHA: the SHA-1 of the text, in lower-case hexadecimal digits
};

/// cmake/embed_lua.cmake writes the definition.
extern const std::array<script, script_count> embedded_scripts;

[[nodiscard]] inline const script& script_of(script_id id) noexcept {
  return embedded_scripts[static_cast<std::size_t>(id)];
}
/// In the order of their ids.
[[nodiscard]] inline std::span<const script> all_scripts() noexcept {
  return embedded_scripts;
}

}  // namespace turnomatic::redis
