#include "report/timeline.hpp"

#include "report/axis.hpp"
#include "report/format.hpp"
#include "report/joined.hpp"
#include "report/svg.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace turnomatic::bench {
namespace {

// Units of the view box, about as wide as a card on a phone.
constexpr double width = 320;
constexpr double left = 4;
constexpr double right = 314;
constexpr double row_height = 44;
constexpr double bar_height = 14;
constexpr double axis_height = 42;
// A bar of no length is seen all the same.
constexpr double bar_least = 3;

std::vector<observation> requests_of(const finding& what) {
  std::vector<observation> requests;
  for (const auto* request : {&what.first, &what.second}) {
    if (*request)
      requests.push_back(**request);
  }
  return requests;
}

double milliseconds(moment origin, moment when) {
  return static_cast<double>(since(origin, when)) / 1e6;
}

double place(const axis& time, double value) {
  return left + (right - left) * time.place(value);
}

std::string bar(const axis& time, moment origin, const observation& request, std::size_t index) {
  static constexpr std::array<std::string_view, 2> classes{"bar first", "bar second"};
  const double begin = place(time, milliseconds(origin, request.sent));
  const double end = place(time, milliseconds(origin, request.received));
  const double length = std::max(end - begin, bar_least);
  const double y = static_cast<double>(index) * row_height;
  const std::string label =
      request.turn == 0 ? "no turn" : joined({"turn ", grouped(request.turn)});
  const bool late = begin > (left + right) / 2;
  return svg_text(late ? "end" : "start", late ? right : begin + 3, y + 16, label) +
         joined({"<rect class=\"", classes[std::min<std::size_t>(index, 1)], "\" x=\"",
                 coordinate(std::min(begin, right - length)), "\" y=\"", coordinate(y + 23),
                 "\" width=\"", coordinate(length), "\" height=\"", coordinate(bar_height),
                 "\" rx=\"2\"/>\n"});
}

std::string axis_at(const axis& time, double y) {
  std::string out;
  for (const tick& each : time.ticks) {
    const double x = place(time, each.value);
    const std::string_view anchor = x < left + 8 ? "start" : x > right - 30 ? "end" : "middle";
    out += svg_line("grid", x, 0, x, y) + svg_text(anchor, x, y + 18, each.label);
  }
  return out + svg_text("end", right, y + 36, "milliseconds");
}

std::string summary_of(const std::vector<observation>& requests, moment origin) {
  std::string summary;
  for (const observation& request : requests) {
    summary += joined({summary.empty() ? "" : "; ", "sent at ",
                       milliseconds_text(since(origin, request.sent)), " ms, answered at ",
                       milliseconds_text(since(origin, request.received)), " ms"});
  }
  return summary;
}

}  // namespace

std::string render_timeline(const finding& what, std::string_view key) {
  const std::vector<observation> requests = requests_of(what);
  if (requests.empty())
    return {};
  const moment origin = earliest_in(what);
  double end = 0;
  for (const observation& each : requests)
    end = std::max({end, milliseconds(origin, each.received), milliseconds(origin, each.sent)});
  const axis time = linear_axis(0, end, rounded);
  const double bars = static_cast<double>(requests.size()) * row_height + 4;
  std::string out = svg_begin(key, width, bars + axis_height, "The requests over time",
                              summary_of(requests, origin)) +
                    axis_at(time, bars);
  for (std::size_t i = 0; i < requests.size(); ++i)
    out += bar(time, origin, requests[i], i);
  return out + "</svg>\n";
}

}  // namespace turnomatic::bench
