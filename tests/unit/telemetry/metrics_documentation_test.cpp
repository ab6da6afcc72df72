#include "telemetry/metrics_registry.hpp"
#include "unit/telemetry/exposition.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace turnomatic::telemetry {
namespace {

struct documented_metric {
  std::string type;
  std::string labels;
};

/// The rows of the tables in docs/metrics.md: | `name` | type | labels | meaning |.
std::map<std::string, documented_metric> documented_metrics() {
  static const std::regex row{R"(\| `([a-z_]+)` \| ([a-z]+) \| ([^|]*) \| [^|]+ \|)"};
  std::ifstream page{TURNOMATIC_SOURCE_DIR "/docs/metrics.md"};
  std::map<std::string, documented_metric> metrics;
  for (std::string line; std::getline(page, line);) {
    if (std::smatch match; std::regex_match(line, match, row)) {
      metrics[match[1]] = {match[2], match[3]};
    }
  }
  return metrics;
}

instance_state state_of(std::string_view backend) {
  instance_state state;
  if (backend == "redis")
    state.store.emplace().shard = "0";
  return state;
}

/// Adds a scrape in which every label has had every value.
void add_complete_scrape(const std::string& backend, std::string& text) {
  event_log events;
  metrics_registry registry{{"1", "r"}, backend, [&] { return state_of(backend); }};
  worker_metrics& worker = registry.add_worker("0", events);
  for (std::size_t r = 0; r < route_count; ++r) {
    for (std::size_t m = 0; m < method_label_count; ++m) {
      for (const std::uint16_t code : status_codes) {
        worker.request_answered({static_cast<route>(r), static_cast<method_label>(m), code, {}});
      }
      worker.request_answered({static_cast<route>(r), static_cast<method_label>(m), 299, {}});
    }
  }
  text += registry.render();
}

/// What can be seen of either backend.
exposition complete_scrape() {
  std::string text;
  add_complete_scrape("memory", text);
  add_complete_scrape("redis", text);
  return exposition{text};
}

TEST(metrics_documentation, has_a_row_for_every_family_with_its_type) {
  const auto documented = documented_metrics();
  for (const auto& [name, family] : complete_scrape().families) {
    ASSERT_TRUE(documented.contains(name)) << name << " is not in docs/metrics.md";
    EXPECT_EQ(documented.at(name).type, family.type) << name;
  }
}

TEST(metrics_documentation, has_no_row_for_what_does_not_exist) {
  const exposition text = complete_scrape();
  for (const auto& [name, metric] : documented_metrics()) {
    EXPECT_TRUE(text.families.contains(name)) << name << " is documented but never rendered";
  }
}

TEST(metrics_documentation, names_every_label_with_all_its_values) {
  static const std::set<std::string> open_sets{"version", "revision", "compiler", "worker"};
  const auto documented = documented_metrics();
  for (const auto& [name, family] : complete_scrape().families) {
    const std::string& row = documented.at(name).labels;
    for (const auto& [label, values] : family.labels) {
      if (label == "le")
        continue;  // not a label that anybody chooses
      EXPECT_THAT(row, testing::HasSubstr("`" + label + "`")) << name;
      if (open_sets.contains(label))
        continue;
      for (const std::string& value : values) {
        EXPECT_THAT(row, testing::HasSubstr(value)) << name << ", label " << label;
      }
    }
  }
}

}  // namespace
}  // namespace turnomatic::telemetry
