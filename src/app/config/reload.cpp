#include "app/config/reload.hpp"

#include "app/config/escape.hpp"
#include "app/config/key_table.hpp"

#include <utility>

namespace turnomatic::app {

namespace {

// What a full disk leaves of a file, or an editor in between: every key would have its default.
// Where that is meant a comment says so.
bool has_lost_its_text(const loaded_configuration& running, const loaded_configuration& next) {
  return running.file && !running.file->is_blank && next.file && next.file->is_blank;
}

load_failure lost_text(const chosen_file& file) {
  std::vector<configuration_error> errors{
      {"config", file.named_by,
       "config = " + in_quotes(file.path) + ": the file is empty and was not before"}};
  const int code = exit_code(errors);
  return {std::move(errors), code};
}

}  // namespace

reload_result reload(const loaded_configuration& running, const configuration_sources& sources,
                     const further_check& check) {
  const auto loaded = load_configuration(sources, occasion::reload);
  if (!loaded) {
    return loaded.error();
  }
  const loaded_configuration& next = *loaded;
  if (has_lost_its_text(running, next)) {
    return lost_text(*next.file);
  }
  if (auto errors = check ? check(next) : std::vector<configuration_error>{}; !errors.empty()) {
    const int code = exit_code(errors);
    return load_failure{std::move(errors), code};
  }
  reload_outcome outcome;
  outcome.applied = running;
  outcome.applied.file = next.file;
  for (const auto& known : key_table()) {
    const texts value = known.format(next.values);
    const bool differs = value != known.format(running.values);
    if (differs && known.changes == lifetime::restart) {
      outcome.needs_restart.push_back(known.name);
      continue;
    }
    // assign is the inverse of format, so that it cannot refuse this value.
    if (differs && !known.assign(outcome.applied.values, value)) {
      outcome.changed.push_back(known.name);
    }
    outcome.applied.origins[known.name] = next.origins.at(known.name);
  }
  return outcome;
}

}  // namespace turnomatic::app
