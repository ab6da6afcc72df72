// Prints the command line of turnomatic as JSON, from the table of its keys. generate.py makes
// manual pages and completions of it.
#include "app/config/command_line.hpp"
#include "app/config/key_table.hpp"
#include "print_described.hpp"

#include <nlohmann/json.hpp>

#include <sstream>
#include <string>
#include <utility>

namespace {

namespace app = turnomatic::app;
using nlohmann::json;

json names_of(const char* separated) {
  json names = json::array();
  std::istringstream list{separated};
  for (std::string name; std::getline(list, name, ',');)
    names.push_back(name);
  return names;
}

json described(const app::action_flag& flag) {
  return {{"names", names_of(flag.names)}, {"meaning", flag.meaning}};
}

json described(const app::key& known) {
  return {{"names", {app::flag_name(known)}},
          {"key", known.name},
          {"variable", app::variable_name(known)},
          {"value", known.placeholder},
          {"choices", known.choices},
          {"default", app::toml_value(known, app::default_value(known))},
          {"unit", known.unit},
          {"range", known.range},
          {"live", known.changes == app::lifetime::live},
          {"repeats", known.shape == app::toml_shape::list_of_strings},
          {"meaning", known.meaning}};
}

json described() {
  json actions = json::array();
  for (const auto& flag : app::action_flags())
    actions.push_back(described(flag));
  json keys = json::array();
  for (const auto& known : app::key_table())
    keys.push_back(described(known));
  return {{"name", "turnomatic"},
          {"version", TURNOMATIC_VERSION},
          {"actions", std::move(actions)},
          {"keys", std::move(keys)}};
}

}  // namespace

int main() {
  return turnomatic::reference::print_described("describe_server", [] { return described(); });
}
