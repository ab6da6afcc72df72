// Sources made of literals, and what the loader makes of them.
#pragma once

#include "app/config/load.hpp"
#include "app/config/print.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace turnomatic::app {

struct given {
  std::vector<std::string> arguments{};
  environment variables{};
  std::map<std::string, std::string> files{};
};

inline configuration_sources sources_of(const given& what) {
  const auto read_file = [files = what.files](const std::string& path, occasion) -> file_text {
    const auto found = files.find(path);
    if (found == files.end()) {
      return unreadable{"No such file or directory"};
    }
    return {boost::system::in_place_value, found->second};
  };
  return {what.arguments, what.variables, read_file};
}

/// The default as a flag or a variable says it; nothing for a list of none.
inline std::string default_text(const key& known) {
  const texts value = default_value(known);
  return value.empty() ? std::string{} : value.front();
}

/// A text as the file of --config.
inline given given_file(const std::string& text) {
  return {{"--config", "/test.toml"}, {}, {{"/test.toml", text}}};
}

inline loaded_configuration load(const given& what) {
  const auto loaded = load_configuration(sources_of(what));
  if (!loaded) {
    ADD_FAILURE() << report(loaded.error());
    return {};
  }
  return *loaded;
}

/// All errors as lines, or an empty text if there are none.
inline std::string errors_of(const given& what) {
  return report(load_configuration(sources_of(what)).error());
}

inline int exit_code_of(const given& what) {
  return load_configuration(sources_of(what)).error().exit_code;
}

}  // namespace turnomatic::app
