// Numbers that nobody can foresee.
#pragma once

#include <cstdint>
#include <random>

namespace turnomatic::app {

[[nodiscard]] inline std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace turnomatic::app
