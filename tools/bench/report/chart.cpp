#include "report/chart.hpp"

#include "report/joined.hpp"
#include "report/outside_text.hpp"
#include "report/svg.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace turnomatic::bench {
namespace {

// Units of the view box. It is about as wide as a phone, so that text keeps its size there.
constexpr double width = 400;
constexpr double height = 250;
constexpr double left = 66;
constexpr double right = 370;
constexpr double top = 28;
constexpr double bottom = 206;

constexpr std::array<std::string_view, 3> line_classes{"line first", "line second", "line third"};

double x_of(const chart& what, double value) {
  return left + (right - left) * what.x.place(value);
}

double y_of(const chart& what, double value) {
  return bottom - (bottom - top) * what.y.place(value);
}

std::string_view line_class(std::size_t index) {
  return line_classes[std::min(index, line_classes.size() - 1)];
}

std::string axes_of(const chart& what) {
  std::string out;
  for (const tick& each : what.y.ticks) {
    const double y = y_of(what, each.value);
    out += svg_line("grid", left, y, right, y);
    out += svg_text("end", left - 7, y + 5, each.label);
  }
  for (const tick& each : what.x.ticks) {
    const double x = x_of(what, each.value);
    out += svg_line("grid", x, bottom, x, bottom + 5);
    out += svg_text("middle", x, bottom + 21, each.label);
  }
  out += svg_line("base", left, bottom, right, bottom);
  out += svg_text("start", 4, 14, what.y_name);
  out += svg_text("end", width - 2, height - 5, what.x_name);
  return out;
}

// The points between two interruptions.
std::vector<std::vector<point>> stretches_of(const series& line) {
  std::vector<std::vector<point>> stretches;
  bool interrupted = true;
  for (const point& each : line.points) {
    if (each.y && interrupted)
      stretches.emplace_back();
    interrupted = !each.y;
    if (each.y)
      stretches.back().push_back(each);
  }
  return stretches;
}

std::string path_through(const chart& what, const std::vector<point>& stretch) {
  std::string path;
  for (const point& each : stretch) {
    path += joined({path.empty() ? "M" : "L", coordinate(x_of(what, each.x)), " ",
                    coordinate(y_of(what, *each.y))});
  }
  // A single point is a dot: the caps of the line are round.
  if (stretch.size() == 1)
    path += "h0";
  return path;
}

std::string paths_of(const chart& what, std::size_t index) {
  std::string line;
  std::string area;
  for (const std::vector<point>& stretch : stretches_of(what.lines[index])) {
    const std::string path = path_through(what, stretch);
    line += path;
    area += joined(
        {path, "V", coordinate(bottom), "H", coordinate(x_of(what, stretch.front().x)), "Z"});
  }
  if (line.empty())
    return {};
  std::string out;
  if (what.filled && index == 0)
    out += svg_path("area", area);
  return out + svg_path(line_class(index), line);
}

}  // namespace

std::string render_svg(const chart& what) {
  std::string paths;
  // The first line is the most important one: it is drawn last, over the others.
  for (std::size_t i = what.lines.size(); i-- > 0;)
    paths += paths_of(what, i);
  if (paths.empty())
    paths = svg_text("middle", (left + right) / 2, (top + bottom) / 2, "no data");
  return joined({svg_begin(what.key, width, height, what.title, what.summary), axes_of(what), paths,
                 "</svg>\n"});
}

std::string render_legend(const chart& what) {
  if (what.lines.size() < 2)
    return {};
  std::string out = "<ul class=\"legend\">\n";
  for (std::size_t i = 0; i < what.lines.size(); ++i) {
    out += joined({"<li><svg class=\"swatch\" viewBox=\"0 0 36 12\" aria-hidden=\"true\">",
                   svg_path(line_class(i), "M2 6H34"), "</svg> ", html_escaped(what.lines[i].name),
                   "</li>\n"});
  }
  return out + "</ul>\n";
}

}  // namespace turnomatic::bench
