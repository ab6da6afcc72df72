#include "app/secret_file.hpp"

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace turnomatic::app {

void throw_exception_from_error(const no_secret& error, const boost::source_location&) {
  throw std::runtime_error{error.why};
}

boost::system::result<std::string, no_secret> read_secret(const std::string& path,
                                                          std::string_view what) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  if (!file.is_open() || file.bad())
    return no_secret{"cannot read the " + std::string{what} + ": " +
                     std::system_category().message(errno)};
  if (line.ends_with('\r'))
    line.pop_back();
  if (line.empty())
    return no_secret{"no " + std::string{what} + " in its first line"};
  return {boost::system::in_place_value, std::move(line)};
}

}  // namespace turnomatic::app
