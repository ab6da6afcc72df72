// When the next request is due.
#pragma once

#include "proof/observation.hpp"

#include <cstdint>
#include <limits>
#include <optional>

namespace turnomatic::bench {

/// One thread's share of the requests: as fast as they are answered (closed loop), or at fixed
/// moments whatever the server does (open loop), so that what a stall holds up is timed from when
/// it should have been sent. Requests of the warm-up do not count against a count.
class pace {
 public:
  struct settings {
    moment start;
    moment measure_from;                 ///< end of the warm-up
    std::optional<std::uint64_t> count;  ///< requests after it; else until `end`
    moment end;
    double rate{0};  ///< requests a second; 0: closed loop
  };

  explicit pace(const settings& how) : how_{how} {}

  /// The moment for which a request is due that may be sent now, or nothing; takes it.
  [[nodiscard]] std::optional<moment> take(moment now);
  /// When the next one is due, or nothing if there will be none.
  [[nodiscard]] std::optional<moment> next_due(moment now) const;
  /// No request will follow.
  [[nodiscard]] bool finished(moment now) const;
  /// End it now.
  void stop(moment now);

  /// Requests taken so far.
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }
  /// Open loop: requests that were due before the end and have not been taken.
  [[nodiscard]] std::uint64_t overdue() const;

 private:
  [[nodiscard]] moment due(std::uint64_t index) const;

  static constexpr moment never = std::numeric_limits<moment>::max();

  settings how_;
  moment stopped_{never};
  std::uint64_t taken_{0};
  std::uint64_t counted_{0};  // of those taken, the ones after the warm-up
};

}  // namespace turnomatic::bench
