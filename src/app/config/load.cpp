#include "app/config/load.hpp"

#include "app/config/command_line.hpp"
#include "app/config/cross_checks.hpp"
#include "app/config/environment.hpp"
#include "app/config/escape.hpp"
#include "app/config/key_table.hpp"
#include "app/config/toml_file.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace turnomatic::app {

namespace {

std::optional<chosen_file> choose_file(const command_line& line, const environment& variables) {
  if (line.config_file) {
    return chosen_file{*line.config_file, {source::flag, "--config"}};
  }
  if (const auto found = variables.find(config_variable); found != variables.end()) {
    return chosen_file{found->second, {source::environment, found->first}};
  }
  return std::nullopt;
}

gathered read_chosen_file(chosen_file& file, const file_reader& read_file, occasion when) {
  const auto text = read_file(file.path, when);
  if (text) {
    file.is_blank = text->find_first_not_of(" \t\r\n") == std::string::npos;
    return read_toml(*text, file.path);
  }
  gathered out;
  out.errors.push_back({"config", file.named_by,
                        "config = " + in_quotes(file.path) +
                            ": cannot read the file: " + escaped(text.error().why)});
  return out;
}

void append(gathered& to, gathered&& from) {
  std::move(from.settings.begin(), from.settings.end(), std::back_inserter(to.settings));
  std::move(from.errors.begin(), from.errors.end(), std::back_inserter(to.errors));
  std::move(from.ignored.begin(), from.ignored.end(), std::back_inserter(to.ignored));
}

// In ascending precedence, so that a later setting of a key simply replaces an earlier one. `file`
// is the one that is read, if any.
gathered read_sources(const configuration_sources& sources, command_line&& line, occasion when,
                      std::optional<chosen_file>& file) {
  gathered all;
  file = choose_file(line, sources.variables);
  if (file) {
    append(all, read_chosen_file(*file, sources.read_file, when));
  }
  append(all, read_environment(sources.variables));
  append(all, std::move(line.said));
  return all;
}

void apply(const setting& one, loaded_configuration& target,
           std::vector<configuration_error>& errors) {
  const auto refused = one.of->assign(target.values, one.value);
  if (!refused) {
    target.origins[one.of->name] = one.from;
    return;
  }
  const blame kind = one.from.from == source::flag ? blame::usage : blame::configuration;
  errors.push_back({one.of->name, one.from,
                    one.of->name + " = " +
                        in_quotes(shown_refused(one.of->visibility, refused->text)) + ": " +
                        refused->reason,
                    kind});
}

// One source after the other, a file in the order of its lines.
void sort_by_origin(std::vector<configuration_error>& errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) {
    return std::pair{a.where.from, a.where.line} < std::pair{b.where.from, b.where.line};
  });
}

}  // namespace

load_result load_configuration(const configuration_sources& sources, occasion when) {
  loaded_configuration loaded;
  for (const auto& known : key_table()) {
    loaded.origins[known.name] = {};
  }
  auto line = parse_command_line(sources.arguments);
  loaded.wanted = line.wanted;
  if (line.wanted == action::show_help || line.wanted == action::show_version) {
    return loaded;
  }
  auto all = read_sources(sources, std::move(line), when, loaded.file);
  for (const auto& one : all.settings) {
    apply(one, loaded, all.errors);
  }
  check_across_keys(loaded, all.errors);
  if (!all.errors.empty()) {
    sort_by_origin(all.errors);
    const int code = exit_code(all.errors);
    return load_failure{std::move(all.errors), code};
  }
  loaded.ignored_variables = std::move(all.ignored);
  return loaded;
}

}  // namespace turnomatic::app
