// How the clocks of several hosts relate.
#pragma once

#include "proof/observation.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace turnomatic::bench {

/// The monotonic clocks of the hosts that observed. Within one, times compare exactly. Between
/// two they compare only as far as the error that was stated for them allows, so that a clock
/// that is off can hide a violation but never forge one.
class clocks {
 public:
  /// One clock: everything was observed on one host.
  clocks() : offsets_(1, 0), error_{0} {}

  /// `offsets[i]` leads from clock i to a common time line. `error` bounds how far two clocks
  /// disagree after that and is not negative; without it nothing is known between hosts.
  clocks(std::vector<moment> offsets, std::optional<moment> error)
      : offsets_{std::move(offsets)}, error_{error} {}

  [[nodiscard]] std::size_t size() const noexcept { return offsets_.size(); }

  /// Where `when` lies on the common time line. Good for ordering work, not for accusing.
  [[nodiscard]] moment common(moment when, std::size_t clock) const noexcept {
    return when + offsets_[clock];
  }

  /// Whether `a` on `clock_a` certainly came before `b` on `clock_b`.
  [[nodiscard]] bool certainly_before(moment a, std::size_t clock_a, moment b,
                                      std::size_t clock_b) const noexcept {
    if (clock_a == clock_b)
      return a < b;
    return further_apart_than_the_error(common(a, clock_a), common(b, clock_b));
  }

  /// The same for two moments of which only the place on the common time line is known.
  [[nodiscard]] bool certainly_before(moment common_a, moment common_b) const noexcept {
    if (offsets_.size() == 1)
      return common_a < common_b;
    return further_apart_than_the_error(common_a, common_b);
  }

 private:
  // Unsigned: an error may be stated so large that added to a moment it would come out before all,
  // and the distance of two moments may be larger than a moment.
  [[nodiscard]] bool further_apart_than_the_error(moment a, moment b) const noexcept {
    return error_ && a<b&& static_cast<std::uint64_t>(b) -
                       static_cast<std::uint64_t>(a)> static_cast<std::uint64_t>(*error_);
  }

  std::vector<moment> offsets_;
  std::optional<moment> error_;
};

}  // namespace turnomatic::bench
