// The one table of all keys. Flags, environment, file, --help, --print-config, reload and
// the tests of the documentation follow from it.
#pragma once

#include "app/config/key.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::app {

/// In the order of `configuration`; the keys of a section are neighbours, the keys without a
/// section come first. Built on the first call, constant from then on; thread-safe.
[[nodiscard]] const std::vector<key>& key_table();

/// The key of that dotted name, or nullptr.
[[nodiscard]] const key* find_key(std::string_view name);

/// `http` of `http.idle_timeout`; empty for a key without a section.
[[nodiscard]] std::string_view section_of(std::string_view name);

/// The part behind the section.
[[nodiscard]] std::string_view leaf_of(std::string_view name);

}  // namespace turnomatic::app
