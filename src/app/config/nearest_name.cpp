#include "app/config/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace turnomatic::app {

namespace {

// The cost is the product of the lengths, and `wrong` may be a whole file.
constexpr std::size_t name_bytes_max = 64;

// Optimal string alignment: Levenshtein's distance plus swaps of two neighbours, which are
// the commonest slip. Three rows of the table are all it needs.
std::size_t typing_errors(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view wrong, const std::vector<std::string>& names) {
  if (wrong.size() > name_bytes_max) {
    return {};
  }
  std::string nearest;
  std::size_t fewest = std::max<std::size_t>(2, wrong.size() / 4) + 1;
  for (const auto& name : names) {
    // A name whose letters could all be different is no suggestion.
    const std::size_t errors = typing_errors(wrong, name);
    if (errors < fewest && errors < name.size() / 2 + 1) {
      fewest = errors;
      nearest = name;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& names) {
  const std::string nearest = nearest_name(wrong, names);
  return nearest.empty() ? nearest : "; did you mean " + nearest + "?";
}

}  // namespace turnomatic::app
