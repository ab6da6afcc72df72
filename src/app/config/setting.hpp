// What a source says: values that are not yet parsed, and what is wrong with it.
#pragma once

#include "app/config/configuration_error.hpp"
#include "app/config/key.hpp"
#include "app/config/origin.hpp"

#include <string>
#include <vector>

namespace turnomatic::app {

struct setting {
  const key* of;  ///< an element of key_table(); never null
  texts value;
  origin from;
};

struct gathered {
  std::vector<setting> settings;
  std::vector<configuration_error> errors;
  std::vector<std::string> ignored{};  ///< names of variables that are none of ours
};

}  // namespace turnomatic::app
