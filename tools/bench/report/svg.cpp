#include "report/svg.hpp"

#include "report/joined.hpp"
#include "report/outside_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace turnomatic::bench {

std::string coordinate(double value) {
  if (!std::isfinite(value))
    return "0";
  const double tenths = std::round(std::min(std::max(value, -1e6), 1e6) * 10) / 10;
  std::array<char, 32> buffer{};
  // The shortest form; what is added turns a negative zero into a plain one.
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), tenths + 0.0).ptr;
  return {buffer.data(), end};
}

std::string svg_begin(std::string_view key, double width, double height, std::string_view title,
                      std::string_view summary) {
  return joined({"<svg class=\"chart\" viewBox=\"0 0 ", coordinate(width), " ", coordinate(height),
                 "\" role=\"img\" aria-labelledby=\"", key, "-title ", key,
                 "-summary\">\n<title id=\"", key, "-title\">", html_escaped(title),
                 "</title>\n<desc id=\"", key, "-summary\">", html_escaped(summary), "</desc>\n"});
}

std::string svg_line(std::string_view css, double x1, double y1, double x2, double y2) {
  return joined({"<line class=\"", css, "\" x1=\"", coordinate(x1), "\" y1=\"", coordinate(y1),
                 "\" x2=\"", coordinate(x2), "\" y2=\"", coordinate(y2), "\"/>\n"});
}

std::string svg_text(std::string_view anchor, double x, double y, std::string_view text) {
  return joined({"<text text-anchor=\"", anchor, "\" x=\"", coordinate(x), "\" y=\"", coordinate(y),
                 "\">", html_escaped(text), "</text>\n"});
}

std::string svg_path(std::string_view css, std::string_view path) {
  return joined({"<path class=\"", css, "\" d=\"", path, "\"/>\n"});
}

}  // namespace turnomatic::bench
