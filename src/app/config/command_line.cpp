#include "app/config/command_line.hpp"

#include "app/config/escape.hpp"
#include "app/config/key_table.hpp"
#include "app/config/nearest_name.hpp"
#include "app/config/secrecy.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace turnomatic::app {

namespace {

constexpr action_flag all_action_flags[] = {
    {action::show_help, "-h,--help", "--help", "print this text and exit"},
    {action::show_version, "--version", "--version", "print the version and exit"},
    {action::print_config, "--print-config", "--print-config",
     "print the effective configuration as TOML, with the origin\nof each value, and exit"},
    {action::check_config, "--check-config", "--check-config",
     "say \"configuration ok\" or report every error, and exit"},
};

constexpr const char* config_flag = "--config";

std::string help_of(const key& known) {
  std::string value;
  for (const auto& text : default_value(known)) {
    value += (value.empty() ? "" : ", ") + text;
  }
  return known.meaning + "\n[" + known.range + "; default " + (value.empty() ? "empty" : value) +
         "]";
}

// Options bind no variable and accept any text any number of times: CLI11 stops at the first
// error, and we report all of them.
void declare_flags(CLI::App& app) {
  app.set_help_flag();
  app.allow_extras();
  app.get_formatter()->column_width(34);
  for (const auto& flag : action_flags()) {
    app.add_flag(flag.names)->description(flag.meaning)->group("Actions");
  }
  const auto take_text = [&app](const std::string& name) {
    return app.add_option(name)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  take_text(config_flag)
      ->type_name("FILE")
      ->description("read this TOML file")
      ->group("Configuration");
  for (const auto& known : key_table()) {
    take_text(flag_name(known))
        ->type_name(known.placeholder)
        ->description(help_of(known))
        ->group("Configuration");
  }
  app.footer(
      "A key can also be set in the environment (--http-idle-timeout is\n"
      "TURNOMATIC_HTTP_IDLE_TIMEOUT, --config is TURNOMATIC_CONFIG) or in the file\n"
      "(idle_timeout under [http]). A flag beats the environment, which beats the file.\n"
      "--listen may be repeated.");
}

std::string key_of(const std::string& flag) {
  for (const auto& known : key_table()) {
    if (flag_name(known) == flag) {
      return known.name;
    }
  }
  return flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
}

configuration_error usage(const std::string& flag, std::string what) {
  return {key_of(flag), {source::flag, flag}, std::move(what), blame::usage};
}

configuration_error unknown_flag(const std::string& argument) {
  const std::string name = shown_stray(argument.substr(0, argument.find('=')));
  std::vector<std::string> names{config_flag};
  for (const auto& flag : action_flags()) {
    names.emplace_back(flag.name);
  }
  for (const auto& known : key_table()) {
    names.push_back(flag_name(known));
  }
  return usage(name, "unknown flag " + escaped(name) + did_you_mean(name, names));
}

// `--workers=` would take the next argument for its value: CLI11 sees no difference to
// `--workers`. Reversed, because CLI11 takes its arguments from the back.
std::vector<std::string> reversed_without_empty_values(const std::vector<std::string>& arguments,
                                                       std::vector<configuration_error>& errors) {
  std::vector<std::string> reversed;
  for (auto it = arguments.rbegin(); it != arguments.rend(); ++it) {
    if (it->starts_with("--") && it->find('=') == it->size() - 1) {
      const std::string flag = it->substr(0, it->size() - 1);
      errors.push_back(usage(flag, "expected a value behind " + escaped(*it)));
    } else {
      reversed.push_back(*it);
    }
  }
  return reversed;
}

// What CLI11 could not place. Behind "--" nothing is a flag.
void report_remaining(const std::vector<std::string>& arguments,
                      std::vector<configuration_error>& errors) {
  bool flags = true;
  for (const auto& argument : arguments) {
    if (flags && argument == "--") {
      flags = false;
    } else if (flags && argument.starts_with('-')) {
      errors.push_back(unknown_flag(argument));
    } else {
      errors.push_back(usage({}, "unexpected argument " + in_quotes(shown_stray(argument))));
    }
  }
}

void take_action(const CLI::App& app, command_line& out) {
  for (const auto& flag : action_flags()) {
    for (const auto& text : app.get_option(flag.name)->results()) {
      if (text != "true") {
        out.said.errors.push_back(
            usage(flag.name, "takes no value, but got " + in_quotes(shown_stray(text))));
      } else if (out.wanted == action::serve) {
        out.wanted = flag.wanted;
      }
    }
  }
}

// At most one text unless the flag is a list.
texts take_texts(const CLI::App& app, const std::string& flag, bool list, command_line& out) {
  texts value = app.get_option(flag)->results();
  if (!list && value.size() > 1) {
    out.said.errors.push_back(usage(flag, "given " + std::to_string(value.size()) + " times"));
    value.clear();
  }
  return value;
}

}  // namespace

command_line parse_command_line(const std::vector<std::string>& arguments) {
  CLI::App app;
  declare_flags(app);
  command_line out;
  auto reversed = reversed_without_empty_values(arguments, out.said.errors);
  const std::string last = reversed.empty() ? std::string{} : reversed.front();
  try {
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch&) {
    // Only the last argument can lack its value; what came before it has been parsed.
    out.said.errors.push_back(usage(last, "expected a value behind " + escaped(last)));
  } catch (const CLI::Error& error) {
    out.said.errors.push_back(usage("", escaped(error.what())));
  }
  take_action(app, out);
  if (auto path = take_texts(app, config_flag, false, out); !path.empty()) {
    out.config_file = std::move(path.front());
  }
  for (const auto& known : key_table()) {
    const std::string flag = flag_name(known);
    const bool list = known.shape == toml_shape::list_of_strings;
    if (auto value = take_texts(app, flag, list, out); !value.empty()) {
      out.said.settings.push_back({&known, std::move(value), {source::flag, flag}});
    }
  }
  report_remaining(app.remaining(), out.said.errors);
  return out;
}

std::span<const action_flag> action_flags() {
  return all_action_flags;
}

std::string help_text() {
  CLI::App app{"Hands out consecutive turns over HTTP.", "turnomatic"};
  declare_flags(app);
  return app.help();
}

}  // namespace turnomatic::app
