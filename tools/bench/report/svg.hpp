// Elements of SVG, with coordinates that are always finite.
#pragma once

#include <string>
#include <string_view>

namespace turnomatic::bench {

/// A coordinate, to a tenth: "12.5".
[[nodiscard]] std::string coordinate(double value);

/// Opens a picture that scales to the width it is given. `key` is unique on the page: letters,
/// digits and hyphens. Text is escaped here and below.
[[nodiscard]] std::string svg_begin(std::string_view key, double width, double height,
                                    std::string_view title, std::string_view summary);

[[nodiscard]] std::string svg_line(std::string_view css, double x1, double y1, double x2,
                                   double y2);

/// `anchor`: start, middle or end.
[[nodiscard]] std::string svg_text(std::string_view anchor, double x, double y,
                                   std::string_view text);

/// Without outline or fill of its own.
[[nodiscard]] std::string svg_path(std::string_view css, std::string_view path);

}  // namespace turnomatic::bench
