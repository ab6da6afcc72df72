// The scales of a chart.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace turnomatic::bench {

struct tick {
  double value;
  std::string label;
};

/// Maps values to places, and names some of them. Whatever goes in, what comes out is finite.
struct axis {
  double low{0};
  double high{1};  ///< above `low`; both above 0 if logarithmic
  bool logarithmic{false};
  std::vector<tick> ticks{};  ///< ascending, within the ends

  /// 0 at the low end, 1 at the high end, and never beyond them.
  [[nodiscard]] double place(double value) const noexcept;
};

using tick_label = std::function<std::string(double)>;

/// Exactly from `low` to `high`, with round ticks in between.
[[nodiscard]] axis linear_axis(double low, double high, const tick_label& label);

/// From 0 to a round value at or above `highest`.
[[nodiscard]] axis axis_from_zero(double highest, const tick_label& label);

/// Over whole powers of ten, as few as hold both; one decade at least.
[[nodiscard]] axis logarithmic_axis(double lowest, double highest, const tick_label& label);

/// Where a percentile lies on the classic axis of latency distributions: 0 % at 0, 90 % at 1,
/// 99 % at 2 and so on. `fraction` is from 0 to below 1.
[[nodiscard]] double percentile_place(double fraction) noexcept;
/// That axis, up to `nines` nines; its labels are percentages without the sign.
[[nodiscard]] axis percentile_axis(std::size_t nines);

}  // namespace turnomatic::bench
