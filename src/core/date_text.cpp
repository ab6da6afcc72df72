#include "core/date_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace turnomatic {
namespace {

using namespace std::chrono;

struct moment {
  explicit moment(system_time when)
      : date{floor<days>(when)}, time{floor<milliseconds>(when) - floor<days>(when)} {}

  year_month_day date;
  hh_mm_ss<milliseconds> time;
};

void append(std::string& out, std::int64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  out.append(width - std::min(width, digits.size()), '0').append(digits);
}

void append_year(std::string& out, const moment& at) {
  append(out, static_cast<int>(at.date.year()), 4);
}

void append_day(std::string& out, const moment& at) {
  append(out, static_cast<unsigned>(at.date.day()), 2);
}

void append_time(std::string& out, const moment& at) {
  append(out, at.time.hours().count(), 2);
  out += ':';
  append(out, at.time.minutes().count(), 2);
  out += ':';
  append(out, at.time.seconds().count(), 2);
}

std::string rfc3339_seconds(const moment& at) {
  std::string out;
  append_year(out, at);
  out += '-';
  append(out, static_cast<unsigned>(at.date.month()), 2);
  out += '-';
  append_day(out, at);
  out += 'T';
  append_time(out, at);
  return out;
}

}  // namespace

std::string imf_fixdate(system_time when) {
  static constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed",
                                                             "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> month_names{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const moment at{when};
  std::string out{day_names[weekday{at.date}.c_encoding()]};
  out += ", ";
  append_day(out, at);
  out += ' ';
  out += month_names[static_cast<unsigned>(at.date.month()) - 1];
  out += ' ';
  append_year(out, at);
  out += ' ';
  append_time(out, at);
  out += " GMT";
  return out;
}

std::string rfc3339(system_time when) {
  return rfc3339_seconds(moment{when}) + 'Z';
}

std::string rfc3339_milliseconds(system_time when) {
  const moment at{when};
  std::string out = rfc3339_seconds(at);
  out += '.';
  append(out, at.time.subseconds().count(), 3);
  out += 'Z';
  return out;
}

}  // namespace turnomatic
