#include "report/format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <span>

namespace turnomatic::bench {
namespace {

using namespace std::string_view_literals;

// Room for every digit of the largest double and for those after the point.
constexpr std::size_t digits_max = 340;
constexpr int decimals_max = 12;

void group_thousands(std::string& text) {
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  std::size_t at = std::min(text.find('.'), text.size());
  while (at > first + 3) {
    at -= 3;
    text.insert(at, 1, ',');
  }
}

void drop_trailing_zeros(std::string& text) {
  if (text.find('.') == std::string::npos)
    return;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.'))
    text.pop_back();
}

// How many digits after the point make three significant ones.
int decimals_for_three_digits(double number) {
  const double size = std::abs(number);
  if (size == 0 || size >= 100)
    return 0;
  return std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), 0, decimals_max);
}

// `number` times `unit`, in the largest unit of which it then still has one: 999.9 µs is 1 ms.
std::string scaled(double number, std::span<const std::string_view> units, double factor,
                   std::string_view space) {
  std::size_t unit = 0;
  while (unit + 1 < units.size() && std::abs(number) >= factor * 0.9995) {
    number /= factor;
    ++unit;
  }
  std::string text = rounded(number);
  if (!units[unit].empty())
    text.append(space).append(units[unit]);
  return text;
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  group_thousands(text);
  return text;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  std::string text = grouped(number) + ' ';
  text.append(noun);
  if (number != 1)
    text += 's';
  return text;
}

std::string decimal(double number, int digits) {
  if (!std::isfinite(number))
    return "n/a";
  std::array<char, digits_max> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 std::chars_format::fixed, std::clamp(digits, 0, decimals_max))
                       .ptr;
  std::string text{buffer.data(), end};
  group_thousands(text);
  return text;
}

std::string rounded(double number) {
  std::string text = decimal(number, decimals_for_three_digits(number));
  drop_trailing_zeros(text);
  return text == "-0" ? "0" : text;
}

std::string abbreviated(double number) {
  static constexpr std::array units{""sv, "k"sv, "M"sv, "G"sv, "T"sv, "P"sv, "E"sv};
  return scaled(number, units, 1000, "");
}

std::string duration_text(std::chrono::nanoseconds length) {
  static constexpr std::array units{"ns"sv, "µs"sv, "ms"sv, "s"sv};
  if (length.count() == 0)
    return "0 s";
  return scaled(static_cast<double>(length.count()), units, 1000, " ");
}

std::string milliseconds_text(std::uint64_t nanoseconds) {
  return decimal(static_cast<double>(nanoseconds) / 1e6, 3);
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array units{"B"sv, "kB"sv, "MB"sv, "GB"sv, "TB"sv, "PB"sv, "EB"sv};
  return scaled(static_cast<double>(bytes), units, 1000, " ");
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0)
    return "n/a";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part != 0 && percent < 0.01)
    return "under 0.01 %";
  if (part != whole && percent > 99.99)
    return "over 99.99 %";
  std::string text = decimal(percent, 2);
  drop_trailing_zeros(text);
  return text + " %";
}

std::string utc_text(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

}  // namespace turnomatic::bench
