// What a program says of its own command line, to standard output.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdio>
#include <exception>

namespace turnomatic::reference {

/// Prints what `describe()` returns; the exit status of `program`, which says why if it cannot.
template <class Describe>
int print_described(const char* program, Describe describe) {
  try {
    const nlohmann::json described = describe();
    std::puts(described.dump(2).c_str());
    return std::fflush(stdout) == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return 1;
  }
}

}  // namespace turnomatic::reference
