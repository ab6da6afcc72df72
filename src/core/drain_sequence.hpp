// The steps in which an instance leaves service.
#pragma once

#include <turnomatic/turn.hpp>

#include <cstddef>

namespace turnomatic {

/// Decides when an instance that was told to end does what. First it only says so (/readyz),
/// so that balancers stop sending; then it closes its listeners and lets connections finish;
/// then it ends, with whatever connections are left. Without I/O: the caller performs the
/// steps and calls `advance` again at the latest when it says.
class drain_sequence {
 public:
  enum class phase { serving, announced, finishing, ended };
  enum class step {
    none,             ///< nothing to do yet
    close_listeners,  ///< and let connections finish
    end,              ///< all have finished
    cut,              ///< time is up: cut those that are left, and end
  };

  /// `delay` passes between the announcement and closing the listeners, `timeout` from there
  /// to the end. Only the first call counts.
  void begin(time_point now, duration delay, duration timeout) noexcept;

  /// The step due at `now`, each of them once. `open` are the connections, and the takes whose
  /// outcome is not known.
  [[nodiscard]] step advance(time_point now, std::size_t open) noexcept;

  [[nodiscard]] phase current_phase() const noexcept { return phase_; }

 private:
  phase phase_{phase::serving};
  time_point close_at_;
  duration timeout_{};
  time_point cut_at_;
};

}  // namespace turnomatic
