#include "net/text_form.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace turnomatic::net {
namespace {

std::tm utc(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return parts;
}

template <class... Parts>
std::string print(const char* format, Parts... parts) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), format, parts...);
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::string imf_fixdate(std::chrono::system_clock::time_point when) {
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::tm at = utc(when);
  return print("%s, %02d %s %04d %02d:%02d:%02d GMT", days[static_cast<std::size_t>(at.tm_wday)],
               at.tm_mday, months[static_cast<std::size_t>(at.tm_mon)], at.tm_year + 1900,
               at.tm_hour, at.tm_min, at.tm_sec);
}

std::string rfc3339(std::chrono::system_clock::time_point when) {
  const std::tm at = utc(when);
  return print("%04d-%02d-%02dT%02d:%02d:%02dZ", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday,
               at.tm_hour, at.tm_min, at.tm_sec);
}

}  // namespace turnomatic::net
