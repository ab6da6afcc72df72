#include "http/connection_limits.hpp"

#include <boost/endian/conversion.hpp>

namespace turnomatic::http {
namespace {

// The part of an address that its host cannot choose: all of an IPv4 address, also where it comes
// mapped into IPv6, and the first half of an IPv6 address (RFC 4291 section 2.5.1).
std::uint64_t network_of(const boost::asio::ip::address& from) {
  using namespace boost::asio::ip;
  constexpr std::uint64_t ipv4 = 0xffff'ffff'0000'0000;  // as IPv6 this is multicast, never a peer
  if (from.is_v4())
    return ipv4 | from.to_v4().to_uint();
  const address_v6 v6 = from.to_v6();
  if (v6.is_v4_mapped())
    return ipv4 | make_address_v4(v4_mapped, v6).to_uint();
  return boost::endian::load_big_u64(v6.to_bytes().data());
}

}  // namespace

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
  const std::uint64_t network = network_of(*from);
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
