#include "report/axis.hpp"

#include <algorithm>
#include <cmath>

namespace turnomatic::bench {
namespace {

constexpr double tick_count = 5;
constexpr int decade_ticks_max = 8;
// Far beyond what a run can hold, and far from where doubles cease to be finite.
constexpr double largest = 1e18;
constexpr double smallest_positive = 1e-9;

double bounded(double value) {
  return std::isfinite(value) ? std::clamp(value, -largest, largest) : 0;
}

// 1, 2 or 5 times a power of ten.
double round_step(double range) {
  const double raw = range / tick_count;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double leading = raw / power;
  return power * (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10);
}

void add_ticks(axis& scale, double step, const tick_label& label) {
  // The slack keeps an end that is a multiple of the step but for its last bit.
  const double slack = step / 1000;
  const double first = std::ceil((scale.low - slack) / step);
  for (int i = 0; i <= 2 * static_cast<int>(tick_count); ++i) {
    const double value = (first + i) * step;
    if (value > scale.high + slack)
      return;
    scale.ticks.push_back({value, label(value)});
  }
}

}  // namespace

double axis::place(double value) const noexcept {
  if (std::isnan(value))
    return 0;
  const double inside = std::clamp(value, low, high);
  const double part =
      logarithmic ? std::log(inside / low) / std::log(high / low) : (inside - low) / (high - low);
  return std::clamp(part, 0.0, 1.0);
}

axis linear_axis(double low, double high, const tick_label& label) {
  axis scale{.low = bounded(low), .high = bounded(high)};
  // So close that the doubles between them would not do for ticks.
  const double least = std::max(std::abs(scale.low) * 1e-9, smallest_positive);
  scale.high = std::max(scale.high, scale.low + least);
  add_ticks(scale, round_step(scale.high - scale.low), label);
  return scale;
}

axis axis_from_zero(double highest, const tick_label& label) {
  const double needed = bounded(highest) <= smallest_positive ? 1 : bounded(highest);
  const double step = round_step(needed);
  axis scale{.low = 0, .high = step * std::ceil(needed / step - 1e-9)};
  add_ticks(scale, step, label);
  return scale;
}

axis logarithmic_axis(double lowest, double highest, const tick_label& label) {
  const auto positive = [](double value) { return std::max(bounded(value), smallest_positive); };
  const int first = static_cast<int>(std::floor(std::log10(positive(lowest)) + 1e-9));
  const int above = static_cast<int>(std::ceil(std::log10(positive(highest)) - 1e-9));
  const int last = std::max(above, first + 1);
  axis scale{.low = std::pow(10, first), .high = std::pow(10, last), .logarithmic = true};
  const int stride = (last - first) / decade_ticks_max + 1;
  for (int power = first; power <= last; power += stride) {
    const double decade = std::pow(10, power);
    scale.ticks.push_back({decade, label(decade)});
    // A single decade would have its ends only.
    if (last - first == 1 && power == first) {
      scale.ticks.push_back({2 * decade, label(2 * decade)});
      scale.ticks.push_back({5 * decade, label(5 * decade)});
    }
  }
  return scale;
}

double percentile_place(double fraction) noexcept {
  return -std::log10(1 - std::clamp(fraction, 0.0, 1 - 1e-15));
}

axis percentile_axis(std::size_t nines) {
  axis scale{.low = 0, .high = static_cast<double>(std::max<std::size_t>(nines, 1))};
  scale.ticks.push_back({0, "0"});
  std::string label = "90";
  for (std::size_t i = 1; i <= std::max<std::size_t>(nines, 1); ++i) {
    scale.ticks.push_back({static_cast<double>(i), label});
    if (i == 1)
      label = "99";
    else
      label += i == 2 ? ".9" : "9";
  }
  return scale;
}

}  // namespace turnomatic::bench
