// What an instance says about itself to operators and balancers.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic {

enum class health_status { pass, warn, fail };

/// One line of /health: a dependency or a resource of this instance.
struct health_check {
  std::string name;            ///< "component:measurement", e.g. "memory:ids"
  std::string component_type;  ///< "datastore", "component" or "system"
  health_status status{health_status::pass};
  std::optional<double> observed_value;
  std::string observed_unit;
  std::string output;  ///< what is wrong, for a human; empty when it passes
};

/// One line of /degraded: what is worse than it should be right now.
struct degradation {
  std::string what;    ///< a stable name, e.g. "accept_paused"
  std::string why;     ///< the cause, for a human
  std::string action;  ///< what the service does about it
  std::chrono::system_clock::time_point since;
};

/// Whether requests should be sent to this instance, or why not.
enum class readiness_state { ready, starting, draining, shedding, unsafe_to_count };

/// What /readyz answers: 503 unless the state is `ready`.
struct readiness {
  readiness_state state{readiness_state::starting};
  std::string detail;  ///< for operators; may be empty

  [[nodiscard]] bool ready() const noexcept { return state == readiness_state::ready; }
};

/// Where the operations endpoints get their answers from. Thread-safe: both the workers and
/// the operations thread ask. Nothing here waits for a backend.
class operations_source {
 public:
  virtual ~operations_source() = default;

  /// Whether every event loop has turned lately.
  [[nodiscard]] virtual bool live() const = 0;
  [[nodiscard]] virtual readiness ready() const = 0;
  [[nodiscard]] virtual std::vector<health_check> health() const = 0;
  [[nodiscard]] virtual std::vector<degradation> degraded() const = 0;
  /// The Prometheus text exposition, version 0.0.4. Called on the operations thread only.
  [[nodiscard]] virtual std::string metrics() const = 0;
};

}  // namespace turnomatic
