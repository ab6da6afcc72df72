// Reads the Prometheus text exposition back, as far as the tests need it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace turnomatic::telemetry {

struct exposition {
  struct family {
    std::string type;
    std::string help;
    /// The values of each label, over all series.
    std::map<std::string, std::set<std::string>> labels;
  };

  explicit exposition(std::string_view text);

  /// The value of a series as it stands in the text, e.g. `up{job="x"}`; "absent" if it does not.
  [[nodiscard]] std::string value(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return value(name) != "absent"; }

  std::map<std::string, family> families;
  std::map<std::string, std::string, std::less<>> series;

 private:
  void read_series(std::string_view line, family& owner);
};

}  // namespace turnomatic::telemetry
