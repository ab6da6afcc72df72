#include "app/config/origin.hpp"

#include "app/config/escape.hpp"

namespace turnomatic::app {

std::string to_string(const origin& where) {
  std::string name = escaped(where.name);
  switch (where.from) {
    case source::file:
      if (where.line != 0) {
        name.append(":").append(std::to_string(where.line));
      }
      return "file " + name;
    case source::environment:
      return "environment " + name;
    case source::flag:
      return name.empty() ? "command line" : "flag " + name;
    case source::built_in:
      break;
  }
  return "default";
}

}  // namespace turnomatic::app
