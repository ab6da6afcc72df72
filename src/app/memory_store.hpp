// Counters in the memory of this process.
#pragma once

#include "app/store.hpp"
#include "backend/memory/counter_table.hpp"
#include "backend/memory/once_table.hpp"
#include "core/new_id_limit.hpp"

namespace turnomatic::app {

class memory_store final : public store {
 public:
  /// Draws the seeds of its tables. `keys_max` turns are remembered under their keys at once, which
  /// takes a few hundred bytes each while they live. Throws std::runtime_error that names the key
  /// if there is no memory for the counters.
  explicit memory_store(const configuration& how, std::size_t keys_max = 1'000'000);

  [[nodiscard]] std::string_view name() const noexcept override { return "memory"; }
  [[nodiscard]] std::string note() const override;
  [[nodiscard]] std::unique_ptr<counter_backend> make_backend(net::event_loop& loop,
                                                              store_observer& events,
                                                              std::uint32_t worker) override;
  [[nodiscard]] std::unique_ptr<administrator> make_administrator(net::event_loop& loop) override;
  void apply(const configuration& how) override;
  [[nodiscard]] std::optional<readiness> unready() const override { return std::nullopt; }
  void append_health(std::vector<health_check>& checks) const override;
  void assess(time_point now, const noter& note) override;
  void sample(telemetry::instance_state& state) const override;

 private:
  memory::counter_table counters_;
  memory::once_table keys_;
  new_id_limit new_ids_;
  bool keys_full_{false};
};

}  // namespace turnomatic::app
