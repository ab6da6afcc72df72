#include "http/connection_limits.hpp"

#include "net/client_network.hpp"

namespace turnomatic::http {

void connection_limits::set_limits(std::uint32_t total_max,
                                   std::uint32_t per_address_max) noexcept {
  total_max_.store(total_max);
  per_address_max_.store(per_address_max);
}

connection_limits::place connection_limits::admit(
    const std::optional<boost::asio::ip::address>& from) {
  if (!take_place())
    return refuse(admission::over_total);
  const std::uint32_t limit = per_address_max_.load();
  if (limit == 0 || !from)
    return {admission::served, std::nullopt};
  const std::uint64_t network = net::network_of(*from);
  if (!count_network(network, limit)) {
    total_.fetch_sub(1);
    return refuse(admission::over_per_address);
  }
  return {admission::served, network};
}

void connection_limits::release(const place& held) noexcept {
  if (held.kind != admission::served) {
    refused_.fetch_sub(1);
    return;
  }
  total_.fetch_sub(1);
  if (!held.counted_network)
    return;
  const std::scoped_lock lock{networks_mutex_};
  const auto entry = networks_.find(*held.counted_network);
  if (--entry->second == 0)
    networks_.erase(entry);
}

// Two workers cannot both take the last place, and nobody sees more taken than there are.
bool connection_limits::take_place() noexcept {
  std::uint32_t total = total_.load();
  do {
    if (total >= total_max_.load())
      return false;
  } while (!total_.compare_exchange_weak(total, total + 1));
  return true;
}

connection_limits::place connection_limits::refuse(admission kind) noexcept {
  refused_.fetch_add(1);
  return {kind, std::nullopt};
}

bool connection_limits::count_network(std::uint64_t network, std::uint32_t limit) {
  const std::scoped_lock lock{networks_mutex_};
  std::uint32_t& count = networks_[network];
  if (count >= limit)
    return false;
  ++count;
  return true;
}

}  // namespace turnomatic::http
