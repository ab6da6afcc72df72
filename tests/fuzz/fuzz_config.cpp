// The loader must refuse, not crash or throw, whatever file, variables and flags say; and what
// it accepts must survive being printed and loaded again.
//
// The input is chunks between NUL bytes: first the file, then a flag if the chunk starts with
// '-', else a variable NAME=VALUE, with TURNOMATIC_ put in front of the name.

#include "app/config/key_table.hpp"
#include "app/config/load.hpp"
#include "app/config/print.hpp"
#include "app/config/reload.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace turnomatic::app;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

bool is_printable(std::string_view line) {
  for (const char c : line) {
    if (c < 0x20 || c > 0x7e) {
      return false;
    }
  }
  return true;
}

file_reader always(std::string text) {
  return [text = std::move(text)](const std::string&, occasion) -> file_text { return text; };
}

configuration_sources sources_of(std::string_view input) {
  const auto next_chunk = [&input] {
    const std::string chunk{input.substr(0, input.find('\0'))};
    input.remove_prefix(std::min(chunk.size() + 1, input.size()));
    return chunk;
  };
  configuration_sources sources;
  sources.read_file = always(next_chunk());
  sources.variables["TURNOMATIC_CONFIG"] = "fuzz.toml";
  while (!input.empty()) {
    const std::string chunk = next_chunk();
    if (chunk.starts_with('-')) {
      sources.arguments.push_back(chunk);
      continue;
    }
    const auto equals = std::min(chunk.find('='), chunk.size());
    sources.variables["TURNOMATIC_" + chunk.substr(0, equals)] =
        chunk.substr(std::min(equals + 1, chunk.size()));
  }
  return sources;
}

// A login is not printed, so that it cannot be loaded again.
loaded_configuration without_secrets(loaded_configuration loaded) {
  for (const auto& known : key_table()) {
    const texts value = known.format(loaded.values);
    const bool secret = std::any_of(value.begin(), value.end(), [&known](const auto& text) {
      return shown(known.visibility, text) != text;
    });
    if (secret) {
      require(!known.assign(loaded.values, default_value(known)));
    }
  }
  return loaded;
}

void check_accepted(const loaded_configuration& loaded) {
  const configuration_sources printed{
      {}, {{"TURNOMATIC_CONFIG", "printed.toml"}}, always(print_configuration(loaded))};
  const auto again = load_configuration(printed);
  require(again.has_value());
  for (const auto& known : key_table()) {
    require(known.format(again->values) == known.format(loaded.values));
  }
  require(reload(*again, printed)->needs_restart.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const auto loaded = load_configuration(sources_of(input));
  if (loaded) {
    check_accepted(without_secrets(*loaded));
    return 0;
  }
  const auto failure = loaded.error();
  require(!failure.errors.empty());
  require(failure.exit_code == 64 || failure.exit_code == 78);
  for (const auto& error : failure.errors) {
    require(is_printable(to_string(error)));
  }
  return 0;
}
