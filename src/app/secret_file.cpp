#include "app/secret_file.hpp"

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace turnomatic::app {

std::string read_secret(const std::string& path, std::string_view what) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  if (!file.is_open() || file.bad())
    throw std::runtime_error{path + ": cannot read the " + std::string{what} + ": " +
                             std::system_category().message(errno)};
  if (line.ends_with('\r'))
    line.pop_back();
  if (line.empty())
    throw std::runtime_error{path + ": no " + std::string{what} + " in its first line"};
  return line;
}

}  // namespace turnomatic::app
