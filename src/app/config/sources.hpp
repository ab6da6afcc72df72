// Everything the configuration is read from. The loader looks nowhere else.
#pragma once

#include "app/config/read_file.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::app {

/// Name to value of every environment variable, not of ours alone.
using environment = std::map<std::string, std::string, std::less<>>;

/// The text of a file, or why it cannot be read. A file of more than `file_bytes_max` bytes may
/// be cut, as long as more than that is returned. Must not throw.
using file_reader = std::function<file_text(const std::string& path, occasion when)>;

/// A parsed file is a tree that is destroyed recursively, and nothing but the size of the file
/// bounds its depth: a level takes two bytes ("a.a.a"). 28,000 levels fit a stack of 8 MB,
/// 32,000 do not; these are 16,384.
inline constexpr std::size_t file_bytes_max = 32 * 1024;

struct configuration_sources {
  std::vector<std::string> arguments;  ///< without the program's name
  environment variables;
  file_reader read_file;
};

/// The sources of this process. Reads the environment: not while another thread changes it.
/// `argv` has `argc` elements, the first of which, if any, is the program's name.
[[nodiscard]] configuration_sources process_sources(int argc, const char* const* argv);

}  // namespace turnomatic::app
