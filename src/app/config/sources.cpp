#include "app/config/sources.hpp"

#include <unistd.h>

namespace turnomatic::app {

namespace {

environment read_environment_block() {
  environment variables;
  for (const char* const* entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) {
      // emplace keeps the first of two equal names, as getenv does.
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return variables;
}

}  // namespace

configuration_sources process_sources(int argc, const char* const* argv) {
  configuration_sources sources;
  if (argc > 1) {
    sources.arguments.assign(argv + 1, argv + argc);
  }
  sources.variables = read_environment_block();
  sources.read_file = [](const std::string& path, occasion when) {
    return read_file(path, file_bytes_max, when);
  };
  return sources;
}

}  // namespace turnomatic::app
