#include "telemetry/process_sample.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <utility>

namespace turnomatic::telemetry {
namespace {

constexpr std::string_view blanks = " \t\n";

/// Cuts the first word off `rest`; empty at the end.
std::string_view take_word(std::string_view& rest) noexcept {
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> parse_number(std::string_view word) noexcept {
  std::uint64_t value{};
  const auto [last, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || last != word.data() + word.size())
    return std::nullopt;
  return value;
}

/// What follows `name` on the line that begins with it.
std::optional<std::string_view> find_line(std::string_view text, std::string_view name) noexcept {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(name))
      return line.substr(name.size());
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::nullopt;
}

/// A file's content; empty if it cannot be read, which no parser takes for an answer.
std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

std::optional<double> count_open_fds(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entry{directory, error};
  if (error)
    return std::nullopt;
  double count = -1.0;  // the descriptor that reads the directory
  while (entry != std::filesystem::directory_iterator{}) {
    count += 1.0;
    entry.increment(error);
    if (error)
      return std::nullopt;
  }
  return std::max(count, 0.0);
}

double system_constant(int name, double otherwise) noexcept {
  const long value = ::sysconf(name);
  return value > 0 ? static_cast<double>(value) : otherwise;
}

}  // namespace

std::optional<process_stat> parse_process_stat(std::string_view text) noexcept {
  // The second field is the program's name in parentheses and may itself hold blanks and
  // parentheses; what follows the last one begins with field 3.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos)
    return std::nullopt;
  std::string_view rest = text.substr(name_end + 1);

  process_stat stat;
  const std::array<std::pair<int, std::uint64_t*>, 6> wanted{{{14, &stat.user_ticks},
                                                              {15, &stat.system_ticks},
                                                              {20, &stat.threads},
                                                              {22, &stat.start_ticks},
                                                              {23, &stat.virtual_bytes},
                                                              {24, &stat.resident_pages}}};
  int field = 2;
  for (const auto& [position, target] : wanted) {
    std::string_view word;
    for (; field < position; ++field)
      word = take_word(rest);
    const auto value = parse_number(word);
    if (!value)
      return std::nullopt;
    *target = *value;
  }
  return stat;
}

std::optional<std::uint64_t> parse_boot_time(std::string_view text) noexcept {
  auto rest = find_line(text, "btime ");
  if (!rest)
    return std::nullopt;
  return parse_number(take_word(*rest));
}

std::optional<double> parse_open_files_limit(std::string_view text) noexcept {
  auto rest = find_line(text, "Max open files ");
  if (!rest)
    return std::nullopt;
  const std::string_view soft = take_word(*rest);
  if (soft == "unlimited")
    return std::numeric_limits<double>::infinity();
  const auto value = parse_number(soft);
  if (!value)
    return std::nullopt;
  return static_cast<double>(*value);
}

process_collector::process_collector(std::filesystem::path proc)
    : proc_{std::move(proc)}, boot_time_{parse_boot_time(read_file(proc_ / "stat"))} {}

process_sample process_collector::sample() const {
  process_sample sample;
  const auto self = proc_ / "self";
  if (const auto stat = parse_process_stat(read_file(self / "stat"))) {
    const double ticks_per_second = system_constant(_SC_CLK_TCK, 100.0);
    const auto ticks_to_seconds = [&](std::uint64_t ticks) {
      return static_cast<double>(ticks) / ticks_per_second;
    };
    sample.cpu_seconds = ticks_to_seconds(stat->user_ticks + stat->system_ticks);
    sample.resident_bytes =
        static_cast<double>(stat->resident_pages) * system_constant(_SC_PAGESIZE, 4096.0);
    sample.virtual_bytes = static_cast<double>(stat->virtual_bytes);
    sample.threads = static_cast<double>(stat->threads);
    if (boot_time_) {
      sample.start_time_seconds =
          static_cast<double>(*boot_time_) + ticks_to_seconds(stat->start_ticks);
    }
  }
  sample.open_fds = count_open_fds(self / "fd");
  sample.max_fds = parse_open_files_limit(read_file(self / "limits"));
  return sample;
}

}  // namespace turnomatic::telemetry
