// Texts that a file, a variable or a flag supplied, made safe to put in a message.
#pragma once

#include <string>
#include <string_view>

namespace turnomatic::app {

/// `text` with every byte that is not printable ASCII as \xNN: no control byte reaches a
/// terminal or a log. Longer than 200 bytes is cut and ends in "...". Thread-safe.
[[nodiscard]] std::string escaped(std::string_view text);

/// The same between double quotes, with backslash and double quote behind a backslash.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace turnomatic::app
