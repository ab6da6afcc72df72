#include "unit/telemetry/exposition.hpp"

#include <regex>
#include <sstream>

namespace turnomatic::telemetry {

exposition::exposition(std::string_view text) {
  static const std::regex comment{"# (HELP|TYPE) ([a-z_]+) (.*)"};
  std::istringstream lines{std::string{text}};
  family* current = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (std::smatch match; std::regex_match(line, match, comment)) {
      current = &families[match[2]];
      (match[1] == "HELP" ? current->help : current->type) = match[3];
    } else if (current) {
      read_series(line, *current);
    }
  }
}

void exposition::read_series(std::string_view line, family& owner) {
  const std::size_t blank = line.rfind(' ');
  const std::string name{line.substr(0, blank)};
  series[name] = line.substr(blank + 1);

  static const std::regex label{R"re(([a-z_]+)="([^"]*)")re"};
  for (std::sregex_iterator match{name.begin(), name.end(), label}; match != std::sregex_iterator{};
       ++match) {
    owner.labels[(*match)[1]].insert((*match)[2]);
  }
}

std::string exposition::value(std::string_view name) const {
  const auto found = series.find(name);
  return found == series.end() ? "absent" : found->second;
}

}  // namespace turnomatic::telemetry
