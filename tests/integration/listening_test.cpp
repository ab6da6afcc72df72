// Every form of address that can be listened on.
#include "support/any_address.hpp"
#include "support/listening_server.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

bool has_ipv6_loopback() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 where{};
  where.sin6_family = AF_INET6;
  where.sin6_addr = in6addr_loopback;
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
  ::close(fd);
  return bound;
}

std::string answer_of(const std::string& address, std::uint16_t port) {
  const auto answer = fetch_from(address, port, "/livez");
  return answer ? std::to_string(answer->status) : "refused";
}

struct start_failure {
  int code;
  std::string said;
};

start_failure failure_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), server_path());
  child_process process{{.arguments = std::move(arguments)}};
  const std::string said = process.read_rest(20s);
  const auto ending = process.wait(20s);
  return {ending && ending->exited ? ending->code : -1, said};
}

class both_families : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_ipv6_loopback())
      GTEST_SKIP() << "this machine has no IPv6 loopback";
  }
};

TEST_F(both_families, of_the_loopback_are_listened_on_at_one_port) {
  const listening_server server{{"--listen", "localhost:0", "--ops-listen", "localhost:0"}};
  const std::string port = std::to_string(server.port());
  EXPECT_EQ(server.address(), "127.0.0.1:" + port + ",[::1]:" + port);
  EXPECT_EQ(answer_of("127.0.0.1", server.port()), "200");
  EXPECT_EQ(answer_of("::1", server.port()), "200");
  EXPECT_TRUE(server.operations().starts_with("127.0.0.1:")) << server.operations();
  EXPECT_NE(server.operations().find(",[::1]:"), std::string::npos) << server.operations();
}

TEST_F(both_families, are_meant_by_every_form_for_all_addresses) {
  for (const std::string form : {"*:0", ":0", "0", "[::]:0"}) {
    const listening_server server{{"--listen", form, "--ops-listen", "localhost:0"}};
    const std::string port = std::to_string(server.port());
    EXPECT_EQ(server.address(), "0.0.0.0:" + port + ",[::]:" + port) << form;
    EXPECT_EQ(answer_of("127.0.0.1", server.port()), "200") << form;
    EXPECT_EQ(answer_of("::1", server.port()), "200") << form;
  }
}

TEST_F(both_families, are_refused_to_a_second_instance_whatever_form_it_uses) {
  const listening_server first{{"--listen", "localhost:0", "--ops-listen", "localhost:0"}};
  const std::string port = ":" + std::to_string(first.port());
  for (const std::string host : {"localhost", "127.0.0.1", "[::1]", "*", "0.0.0.0", "[::]", ""}) {
    const auto failure = failure_of({"--listen", host + port, "--ops-listen", "127.0.0.1:0"});
    EXPECT_EQ(failure.code, EX_UNAVAILABLE) << host;
    EXPECT_NE(failure.said.find("Address already in use"), std::string::npos) << failure.said;
  }
}

TEST_F(both_families, of_an_inherited_socket_are_said_and_peers_are_of_their_own) {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int off = 0;
  ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_in6 where{};
  where.sin6_family = AF_INET6;
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  ASSERT_EQ(::listen(fd, 16), 0);
  listening_server server{{"--ops-listen", "127.0.0.1:0", "--log-access-sample", "1"},
                          {.inherited_socket = fd}};
  EXPECT_EQ(server.address(), "*:" + std::to_string(server.port()));
  EXPECT_EQ(answer_of("127.0.0.1", server.port()), "200");
  const auto line = server.process().read_line(10s);
  ASSERT_TRUE(line);
  EXPECT_NE(line->find(R"("peer":"127.0.0.1:)"), std::string::npos) << *line;
  ::close(fd);
}

TEST(listening, on_all_ipv4_addresses_is_of_ipv4_alone) {
  const listening_server server{{"--listen", "0.0.0.0:0", "--ops-listen", "127.0.0.1:0"}};
  EXPECT_EQ(answer_of("127.0.0.1", server.port()), "200");
  EXPECT_EQ(answer_of("::1", server.port()), "refused");
}

TEST(listening, on_a_name_that_is_none_is_an_error_in_one_line) {
  const auto failure =
      failure_of({"--listen", "no-such-host.invalid:0", "--ops-listen", "localhost:0"});
  EXPECT_EQ(failure.code, EX_UNAVAILABLE);
  EXPECT_TRUE(failure.said.starts_with("turnomatic: cannot listen on no-such-host.invalid:0: "))
      << failure.said;
  EXPECT_EQ(failure.said.find('\n'), failure.said.size() - 1);
}

// A network of its own, in which the loopback has no IPv6 address, as with Docker's default.
TEST(listening, on_localhost_without_ipv6_is_no_error) {
  const std::string unshare = "/usr/bin/unshare";
  const std::string script =
      "echo 1 > /proc/sys/net/ipv6/conf/lo/disable_ipv6 && "
      "/usr/bin/python3 -c 'import fcntl,socket,struct;"
      "fcntl.ioctl(socket.socket(),0x8914,struct.pack(\"16sh14x\",b\"lo\",1))' && exec \"$0\" "
      "\"$@\"";
  child_process probe{{.arguments = {unshare, "-rn", "/bin/sh", "-c", script, "/bin/true"}}};
  const std::string said = probe.read_rest(20s);
  if (const auto ending = probe.wait(20s); !ending || !ending->exited || ending->code != 0)
    GTEST_SKIP() << "no network of one's own can be had here: " << said;
  const listening_server server{{"--listen", "localhost:0", "--ops-listen", "localhost:0"},
                                {.arguments = {unshare, "-rn", "/bin/sh", "-c", script}}};
  EXPECT_EQ(server.address(), "127.0.0.1:" + std::to_string(server.port()));
}

}  // namespace
}  // namespace turnomatic::support
