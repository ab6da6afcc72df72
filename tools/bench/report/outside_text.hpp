// Text that came from outside, made harmless where it is shown.
#pragma once

#include <string>
#include <string_view>

namespace turnomatic::bench {

/// Valid UTF-8 that cannot steer a terminal or turn the reading direction: control characters,
/// bidirectional marks and bytes that are no UTF-8 become `\xNN`, each byte. The rest stays.
[[nodiscard]] std::string printable(std::string_view text);

/// `printable`, and safe between tags and inside a quoted attribute of HTML.
[[nodiscard]] std::string html_escaped(std::string_view text);

}  // namespace turnomatic::bench
