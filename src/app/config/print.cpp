#include "app/config/print.hpp"

#include "app/config/command_line.hpp"

namespace turnomatic::app {

std::string print_configuration(const loaded_configuration& loaded, const std::vector<key>& table) {
  std::string out;
  std::string_view section;
  for (const auto& known : table) {
    if (section_of(known.name) != section) {
      section = section_of(known.name);
      out.append("\n[").append(section).append("]\n");
    }
    const auto origin_of = loaded.origins.find(known.name);
    out.append(leaf_of(known.name)).append(" = ");
    out += toml_value(known, known.format(loaded.values)) + "  # ";
    out += to_string(origin_of == loaded.origins.end() ? origin{} : origin_of->second) + '\n';
  }
  return out;
}

std::string answer(const loaded_configuration& loaded, std::string_view version) {
  switch (loaded.wanted) {
    case action::show_help:
      return help_text();
    case action::show_version:
      return std::string{version} + '\n';
    case action::print_config:
      return print_configuration(loaded);
    case action::check_config:
      return "configuration ok\n";
    case action::serve:
      break;
  }
  return {};
}

std::string warning_of(const loaded_configuration& loaded) {
  std::string names;
  for (const auto& name : loaded.ignored_variables) {
    names.append(names.empty() ? "" : ", ").append(name);
  }
  return names.empty() ? names
                       : "variables ignored, which Docker or Kubernetes seem to have set: " + names;
}

std::string report(const load_failure& failure) {
  std::string out;
  for (const auto& error : failure.errors) {
    out += to_string(error) + '\n';
  }
  return out;
}

}  // namespace turnomatic::app
