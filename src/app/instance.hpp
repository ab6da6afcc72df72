// What the instance knows about itself.
#pragma once

#include "app/store.hpp"
#include "core/degradation_board.hpp"
#include "core/hold_down.hpp"
#include "core/refusal_watch.hpp"
#include "core/stall_watch.hpp"
#include "http/connection_limits.hpp"
#include "http/server.hpp"
#include "telemetry/event_log.hpp"
#include "telemetry/metrics_registry.hpp"

#include <turnomatic/config.hpp>
#include <turnomatic/health.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::app {

/// Where in its life the instance is.
enum class stage { starting, serving, draining };

/// Gathers the state of the parts and answers for the operations endpoints. Thread-safe,
/// except that `watch` and `add_worker` come before any thread starts.
class instance final : public operations_source {
 public:
  /// An event loop that has not turned for this long is taken for stuck.
  static constexpr std::chrono::seconds heartbeat_max{5};

  /// A limit or a shortage that comes and goes counts as gone after it has been for this long: a
  /// balancer must not hear of every connection that ends.
  static constexpr std::chrono::seconds settles_after{5};

  /// The store and the limits must outlive the instance.
  instance(telemetry::build_information build, store& counters,
           const http::connection_limits& limits, std::uint32_t workers);

  [[nodiscard]] telemetry::worker_metrics& add_worker(const std::string& name) {
    return metrics_.add_worker(name, log_);
  }
  /// `loop` must outlive the instance's last answer.
  void watch(const http::server& loop) { loops_.push_back(&loop); }

  void enter(stage next) noexcept { stage_.store(next); }
  /// A configuration was read again: applied, or refused because of `why`.
  void reload_applied();
  void reload_rejected(std::string why);
  /// An event loop has stopped accepting for `reason`, or goes on (no error).
  /// Only noted here, for `assess`: a worker calls it, and at the limit it does so often.
  void note_accept_pause(const boost::system::error_code& reason) noexcept;

  /// Looks at what nobody reports by itself: full tables, limits reached, stuck loops. To be
  /// called a few times a second.
  void assess(time_point now);

  [[nodiscard]] bool live() const override;
  [[nodiscard]] readiness ready() const override;
  [[nodiscard]] std::vector<health_check> health() const override;
  [[nodiscard]] std::vector<degradation> degraded() const override { return board_.list(); }
  [[nodiscard]] std::string metrics() const override { return metrics_.render(); }

 private:
  [[nodiscard]] telemetry::instance_state sample() const;
  [[nodiscard]] time_point oldest_heartbeat() const;
  [[nodiscard]] duration heartbeat_age() const;
  void assess_store(time_point now);
  void count_reload(bool applied);
  void note(bool stands, std::string_view what, std::string why, const char* action);

  store& counters_;
  const http::connection_limits& limits_;
  const std::uint32_t workers_;
  std::vector<const http::server*> loops_;
  std::atomic<stage> stage_{stage::starting};
  stall_watch stalls_{heartbeat_max};  // of the main thread
  degradation_board board_;
  hold_down connections_full_{settles_after};  // of the main thread
  hold_down accepting_paused_{settles_after};  // likewise
  std::atomic<int> paused_loops_{0};
  std::atomic<bool> paused_since_look_{false};
  std::atomic<int> pause_reason_{0};  // errno

  struct reloads {
    std::uint64_t applied{0};
    std::uint64_t rejected{0};
    bool last_succeeded{true};
    std::chrono::system_clock::time_point last{std::chrono::system_clock::now()};
  };
  mutable std::mutex reloads_mutex_;
  reloads reloads_;

  mutable std::mutex refusals_mutex_;
  refusal_watch refusals_;
  telemetry::event_log log_;
  telemetry::metrics_registry metrics_;  // last: it calls sample()
};

}  // namespace turnomatic::app
