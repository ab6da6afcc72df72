#include "net/client_network.hpp"

#include <boost/endian/conversion.hpp>

namespace turnomatic::net {

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

}  // namespace turnomatic::net
