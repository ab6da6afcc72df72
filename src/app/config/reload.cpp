#include "app/config/reload.hpp"

#include "app/config/key_table.hpp"

#include <utility>

namespace turnomatic::app {

reload_result reload(const loaded_configuration& running, const configuration_sources& sources,
                     const further_check& check) {
  const auto loaded = load_configuration(sources);
  if (!loaded) {
    return loaded.error();
  }
  const loaded_configuration& next = *loaded;
  if (auto errors = check ? check(next) : std::vector<configuration_error>{}; !errors.empty()) {
    const int code = exit_code(errors);
    return load_failure{std::move(errors), code};
  }
  reload_outcome outcome;
  outcome.applied = running;
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
