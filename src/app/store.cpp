#include "app/store.hpp"

#include "app/memory_store.hpp"
#include "app/redis_store.hpp"

namespace turnomatic::app {

new_id_limit::settings new_id_settings_of(const configuration& from) noexcept {
  const auto& how = from.new_ids;
  return {.instance = {how.rate, how.burst},
          .client = {how.rate_per_address, how.burst_per_address}};
}

telemetry::new_id_refusals refusals_of(const new_id_limit& limit) noexcept {
  using scope = new_id_limit::scope;
  return {.by_instance = limit.refused(scope::instance),
          .by_address = limit.refused(scope::client)};
}

std::unique_ptr<store> make_store(const configuration& how, const named_files& files) {
  if (how.backend == backend_kind::redis)
    return std::make_unique<redis_store>(how, files);
  return std::make_unique<memory_store>(how);
}

}  // namespace turnomatic::app
