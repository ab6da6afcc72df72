#include "core/new_id_limit.hpp"

namespace turnomatic {

static_assert(std::atomic<token_rate>::is_always_lock_free);

void new_id_limit::apply(const settings& how) noexcept {
  instance_rate_.store(how.instance, std::memory_order_relaxed);
  client_rate_.store(how.client, std::memory_order_relaxed);
}

// The client's own bucket first: whoever floods must not empty that of all with what he is refused.
std::optional<new_id_limit::refusal> new_id_limit::charge(std::uint64_t client, time_point now) {
  const token_rate client_rate = client_rate_.load(std::memory_order_relaxed);
  if (client_rate.is_limited()) {
    if (const auto wait = clients_.take(client, client_rate, now)) {
      count_refusal(scope::client);
      return refusal{scope::client, *wait};
    }
  }
  const auto wait = charge_instance(now);
  if (!wait)
    return std::nullopt;
  count_refusal(scope::instance);
  if (client_rate.is_limited())
    clients_.give_back(client, client_rate);
  return refusal{scope::instance, *wait};
}

std::optional<duration> new_id_limit::charge_instance(time_point now) noexcept {
  const token_rate rate = instance_rate_.load(std::memory_order_relaxed);
  if (!rate.is_limited())
    return std::nullopt;
  return instance_.take(rate.interval(), rate.burst, now);
}

void new_id_limit::give_back(std::uint64_t client) {
  const token_rate client_rate = client_rate_.load(std::memory_order_relaxed);
  if (client_rate.is_limited())
    clients_.give_back(client, client_rate);
  const token_rate instance_rate = instance_rate_.load(std::memory_order_relaxed);
  if (instance_rate.is_limited())
    instance_.give_back(instance_rate);
}

}  // namespace turnomatic
