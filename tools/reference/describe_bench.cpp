// Prints the command line of turnomatic-bench as JSON. generate.py makes the manual page and
// completions of it.
#include "commands/declared_commands.hpp"
#include "print_described.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace {

using nlohmann::json;

/// `TEXT:{round-robin,pinned}` names the type and what a validator says of it.
json choices_in(const std::string& type) {
  json choices = json::array();
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos)
    return choices;
  for (std::size_t begin = open + 1; begin <= close;) {
    const std::size_t end = std::min(type.find(',', begin), close);
    choices.push_back(type.substr(begin, end - begin));
    begin = end + 1;
  }
  return choices;
}

json described(const CLI::Option& option) {
  json names = json::array();
  for (const std::string& name : option.get_snames())
    names.push_back("-" + name);
  for (const std::string& name : option.get_lnames())
    names.push_back("--" + name);
  if (option.get_positional())
    names = {option.get_name()};
  json out = {{"names", std::move(names)}, {"meaning", option.get_description()}};
  if (option.get_items_expected_max() > 0) {
    const std::string type = option.get_type_name();
    const std::string name = type.substr(0, type.find(':'));
    out["value"] = name == "UINT" || name == "FLOAT" ? "N" : name;
    out["choices"] = choices_in(type);
    out["default"] = option.get_default_str();
    out["repeats"] = option.get_items_expected_max() > 1;
  }
  return out;
}

json described(const CLI::App& command) {
  json options = json::array();
  json operands = json::array();
  for (const CLI::Option* option : command.get_options())
    (option->get_positional() ? operands : options).push_back(described(*option));
  return {{"name", command.get_name()},
          {"meaning", command.get_description()},
          {"options", std::move(options)},
          {"operands", std::move(operands)}};
}

json described() {
  const turnomatic::bench::declared_commands declared{TURNOMATIC_VERSION};
  json out = described(declared.app);
  out["version"] = TURNOMATIC_VERSION;
  out["commands"] = json::array();
  for (const CLI::App* command : declared.app.get_subcommands({}))
    out["commands"].push_back(described(*command));
  return out;
}

}  // namespace

int main() {
  return turnomatic::reference::print_described("describe_bench", [] { return described(); });
}
