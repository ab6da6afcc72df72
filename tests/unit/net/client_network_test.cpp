#include "net/client_network.hpp"

#include <gtest/gtest.h>

namespace turnomatic::net {
namespace {

TEST(client_network, is_what_one_host_cannot_choose) {
  struct row {
    const char* one;
    const char* other;
    bool same;
  };
  for (const auto& [one, other, same] : {
           row{"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true},
           row{"2001:db8::1", "2001:db8:0:1::1", false},
           row{"::1", "::2", true},
           row{"192.0.2.1", "192.0.2.2", false},
           row{"192.0.2.1", "::ffff:192.0.2.1", true},
           row{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
           row{"0.0.0.1", "::1", false},
           row{"0.0.0.0", "::", false},
       }) {
    using boost::asio::ip::make_address;
    EXPECT_EQ(network_of(make_address(one)) == network_of(make_address(other)), same)
        << one << ' ' << other;
  }
}

}  // namespace
}  // namespace turnomatic::net
