#include "net/socket_address.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <string>

namespace turnomatic::net {
namespace {

using boost::asio::ip::make_address;
using boost::asio::ip::tcp;
using unix_endpoint = boost::asio::local::stream_protocol::endpoint;

socket_address tcp_address(const char* host, std::uint16_t port) {
  return tcp::endpoint{make_address(host), port};
}

// As accept(2) tells of a peer that has not bound its socket.
socket_address unnamed_peer() {
  socket_address peer;
  peer.data()->sa_family = AF_UNIX;
  peer.resize(offsetof(sockaddr_un, sun_path));
  return peer;
}

TEST(socket_address, is_written_with_its_port) {
  EXPECT_EQ(to_string(tcp_address("127.0.0.1", 7017)), "127.0.0.1:7017");
  EXPECT_EQ(to_string(tcp_address("::1", 80)), "[::1]:80");
}

TEST(socket_address, of_an_ipv4_peer_that_ipv6_shows_is_written_and_counted_as_ipv4) {
  const socket_address mapped = tcp_address("::ffff:192.0.2.1", 9);
  EXPECT_EQ(to_string(mapped), "192.0.2.1:9");
  EXPECT_EQ(peer_of(mapped), (tcp::endpoint{make_address("192.0.2.1"), 9}));
}

TEST(socket_address, of_a_unix_socket_is_its_path) {
  const socket_address named = unix_endpoint{"/run/turnomatic.sock"};
  EXPECT_EQ(to_string(named), "unix:/run/turnomatic.sock");
  EXPECT_EQ(peer_of(named), std::nullopt);
}

TEST(socket_address, of_a_unix_socket_may_be_as_long_as_there_is_room) {
  const std::string path = '/' + std::string(106, 'x');
  EXPECT_EQ(to_string(unix_endpoint{path}), "unix:" + path);
}

TEST(socket_address, of_a_unix_peer_has_no_name) {
  EXPECT_EQ(to_string(unnamed_peer()), "unix");
  EXPECT_EQ(peer_of(unnamed_peer()), std::nullopt);
  EXPECT_EQ(peer_text(std::nullopt), "unix");
  EXPECT_EQ(to_string(unix_endpoint{std::string{"\0abstract", 9}}), "unix");
}

TEST(socket_address, of_an_ip_peer_is_its_address_and_port) {
  EXPECT_EQ(peer_of(tcp_address("2001:db8::1", 1)),
            (tcp::endpoint{make_address("2001:db8::1"), 1}));
  EXPECT_EQ(peer_text(peer_of(tcp_address("2001:db8::1", 1))), "[2001:db8::1]:1");
}

}  // namespace
}  // namespace turnomatic::net
