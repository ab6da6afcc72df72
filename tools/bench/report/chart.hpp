// Line charts as SVG.
#pragma once

#include "report/axis.hpp"

#include <optional>
#include <string>
#include <vector>

namespace turnomatic::bench {

struct point {
  double x;
  std::optional<double> y;  ///< nothing: the line is interrupted here
};

struct series {
  std::string name;
  std::vector<point> points;
};

/// All of its text is shown as it is: made printable and escaped for HTML by `render_svg`.
struct chart {
  std::string key;  ///< unique on the page; letters, digits and hyphens
  std::string title;
  std::string summary;  ///< what it shows, for those who cannot see it
  std::string x_name;
  std::string y_name;
  axis x;
  axis y;
  bool filled{false};         ///< the first series stands on the x axis
  std::vector<series> lines;  ///< at most three: each has a colour and a dash of its own
};

/// An <svg> element that scales to the width it is given, with a title and a description. Colours
/// and type come from the classes of the page. Without points it says so. All coordinates are
/// finite.
[[nodiscard]] std::string render_svg(const chart& what);

/// The names of the lines beside a piece of each, as an HTML list; nothing for a single line.
[[nodiscard]] std::string render_legend(const chart& what);

}  // namespace turnomatic::bench
