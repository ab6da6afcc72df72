// What the service answers instead of serving.
#pragma once

#include "app/config/key_table.hpp"
#include "app/config/load.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::app {

/// The configuration as a TOML file: every key of `table` with its value, which is replaced
/// where it is secret, and its origin behind it as a comment. Loaded again it gives the same
/// configuration, unless something was secret.
[[nodiscard]] std::string print_configuration(const loaded_configuration& loaded,
                                              const std::vector<key>& table = key_table());

/// What standard output gets for `loaded.wanted`, complete lines; empty for action::serve.
/// `version` is one line without its end.
[[nodiscard]] std::string answer(const loaded_configuration& loaded, std::string_view version);

/// What is worth a warning, one line, or nothing.
[[nodiscard]] std::string warning_of(const loaded_configuration& loaded);

/// What standard error gets for a failure: one line per error.
[[nodiscard]] std::string report(const load_failure& failure);

}  // namespace turnomatic::app
