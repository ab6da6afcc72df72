#include "http/connection_limits.hpp"

namespace turnomatic::http {

void connection_limits::set_limits(std::uint32_t total_max,
                                   std::uint32_t per_address_max) noexcept {
  total_max_.store(total_max);
  per_address_max_.store(per_address_max);
}

connection_limits::admission connection_limits::admit(
    const std::optional<boost::asio::ip::address>& from) {
  // Counted first and taken back if it was one too many: two workers cannot both take the
  // last place.
  if (total_.fetch_add(1) >= total_max_.load()) {
    total_.fetch_sub(1);
    return refuse(refusal::connection_limit);
  }
  const std::uint32_t limit = per_address_max_.load();
  if (limit == 0 || !from)
    return {true, std::nullopt, std::nullopt};
  if (!count_address(*from, limit)) {
    total_.fetch_sub(1);
    return refuse(refusal::address_limit);
  }
  return {true, std::nullopt, from};
}

void connection_limits::release(const admission& what) noexcept {
  if (!what.accepted)
    return;
  if (what.why) {
    refused_.fetch_sub(1);
    return;
  }
  total_.fetch_sub(1);
  if (!what.counted_address)
    return;
  const std::scoped_lock lock{addresses_mutex_};
  const auto entry = addresses_.find(*what.counted_address);
  if (--entry->second == 0)
    addresses_.erase(entry);
}

connection_limits::admission connection_limits::refuse(refusal why) noexcept {
  if (refused_.fetch_add(1) < refusals_max)
    return {true, why, std::nullopt};
  refused_.fetch_sub(1);
  return {false, why, std::nullopt};
}

bool connection_limits::count_address(const boost::asio::ip::address& from, std::uint32_t limit) {
  const std::scoped_lock lock{addresses_mutex_};
  std::uint32_t& count = addresses_[from];
  if (count >= limit)
    return false;
  ++count;
  return true;
}

}  // namespace turnomatic::http
