#include "app/config/sources.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

namespace turnomatic::app {

namespace {

boost::system::error_code last_error() {
  return {errno, boost::system::system_category()};
}

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

result<std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, close_file> file{std::fopen(path.c_str(), "rbe")};
  if (!file) {
    return last_error();
  }
  std::string text(file_bytes_max + 1, '\0');
  // A directory can be opened, and fails here.
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    return last_error();
  }
  return text;
}

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
  sources.read_file = read_file;
  return sources;
}

}  // namespace turnomatic::app
