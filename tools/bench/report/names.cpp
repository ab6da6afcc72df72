#include "report/run_result.hpp"

namespace turnomatic::bench {

std::string_view name_of(failure kind) noexcept {
  switch (kind) {
    case failure::connect:
      return "connect";
    case failure::tls:
      return "tls";
    case failure::cut:
      return "cut";
    case failure::deadline:
      return "deadline";
    case failure::protocol:
      return "protocol";
  }
  return "unknown";
}

}  // namespace turnomatic::bench
