// What the counters of an instance live in.
#pragma once

#include "core/new_id_limit.hpp"
#include "net/event_loop.hpp"
#include "telemetry/metrics_registry.hpp"

#include <turnomatic/administrator.hpp>
#include <turnomatic/config.hpp>
#include <turnomatic/counter_backend.hpp>
#include <turnomatic/health.hpp>
#include <turnomatic/store_observer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::app {

/// Makes each worker's access to the counters, owns what they share, and knows how it is. The
/// functions without another word may be called from any thread.
class store {
 public:
  virtual ~store() = default;

  /// As in the configuration and in metric labels.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// Whether it is another process, which may refuse.
  [[nodiscard]] virtual bool is_remote() const noexcept { return false; }
  /// What whoever reads the first line of the log should know.
  [[nodiscard]] virtual std::string note() const = 0;

  /// For a worker, before its thread starts. The store must outlive what it makes.
  [[nodiscard]] virtual std::unique_ptr<counter_backend> make_backend(net::event_loop& loop,
                                                                      store_observer& events,
                                                                      std::uint32_t worker) = 0;
  /// For the thread that serves operators, before any thread starts. The store must outlive it.
  [[nodiscard]] virtual std::unique_ptr<administrator> make_administrator(
      net::event_loop& loop) = 0;
  /// A configuration was read again. On the main thread.
  virtual void apply(const configuration& how) = 0;

  /// Why no turns should be asked for here, or nothing.
  [[nodiscard]] virtual std::optional<readiness> unready() const = 0;
  virtual void append_health(std::vector<health_check>& checks) const = 0;
  /// Takes that were sent and whose outcome is not known, whether or not somebody waits for them.
  [[nodiscard]] virtual std::size_t under_way() const { return 0; }

  /// What of `what` is worse than it should be, why, and what is done about it.
  using noter =
      std::function<void(bool stands, std::string_view what, std::string why, const char* action)>;
  /// To be called a few times a second. On the main thread.
  virtual void assess(time_point now, const noter& note) = 0;
  virtual void sample(telemetry::instance_state& state) const = 0;
};

/// For every kind of store.
[[nodiscard]] new_id_limit::settings new_id_settings_of(const configuration& from) noexcept;
[[nodiscard]] telemetry::new_id_refusals refusals_of(const new_id_limit& limit) noexcept;

struct named_files;

/// The store that the configuration names, with what its files hold. Throws
/// boost::system::system_error or std::runtime_error if they cannot be used.
[[nodiscard]] std::unique_ptr<store> make_store(const configuration& how, const named_files& files);

}  // namespace turnomatic::app
