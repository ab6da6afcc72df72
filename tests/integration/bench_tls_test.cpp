// turnomatic-bench over TLS: it proves there as well, and talks to nobody whom it cannot trust.
#include "load/run.hpp"
#include "support/temporary_file.hpp"
#include "support/tls_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;
using support::temporary_file;
using support::tls_server;

run_result run_against(const tls_server& server, const std::string& host, const tls_settings& trust,
                       run_order order = {}) {
  target where = *parse_target("https://" + host + ":" + std::to_string(server.port()));
  // Whatever the resolver makes of the name: the certificate is for the name.
  where.address = {boost::asio::ip::address_v4::loopback(), server.port()};
  order.how.targets = {where};
  order.how.ids = {"a"};
  order.how.connections = 4;
  order.tls = trust;
  const std::atomic<bool> stop{false};
  auto result = run(order, stop);
  if (!result)
    throw std::runtime_error{result.error().message};
  return std::move(*result);
}

run_order this_many(std::uint64_t requests) {
  run_order order;
  order.how.count = requests;
  return order;
}

// Nothing will be answered: it ends when that has been so for the deadline and two seconds more.
run_order in_vain() {
  run_order order = this_many(1);
  order.how.deadline = 1s;
  return order;
}

std::uint64_t tls_failures(const run_result& found) {
  return found.failures[static_cast<std::size_t>(failure::tls)];
}

TEST(bench_tls, proves_a_server_whose_certificate_it_trusts) {
  const tls_server server;
  const temporary_file ca{server.authority()};
  const run_result found =
      run_against(server, "localhost", {.ca_file = ca.path(), .verify = true}, this_many(500));
  EXPECT_EQ(found.proof.turns, 500U);
  EXPECT_EQ(found.proof.violations(), 0U);
  EXPECT_EQ(tls_failures(found), 0U);
}

TEST(bench_tls, pipelines) {
  const tls_server server;
  const temporary_file ca{server.authority()};
  run_order order = this_many(2000);
  order.how.pipeline = 16;
  const run_result found =
      run_against(server, "localhost", {.ca_file = ca.path(), .verify = true}, order);
  EXPECT_EQ(found.proof.turns, 2000U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

TEST(bench_tls, sends_secrets_only_through_the_handshake) {
  const tls_server server;
  const temporary_file ca{server.authority()};
  run_order order = this_many(1);
  order.how.header_lines = {"Authorization: Bearer s3cret"};
  (void)run_against(server, "localhost", {.ca_file = ca.path(), .verify = true}, order);
  const auto heads = server.heads();
  ASSERT_EQ(heads.size(), 1U);
  EXPECT_NE(heads[0].find("\r\nAuthorization: Bearer s3cret"), std::string::npos);
}

TEST(bench_tls, refuses_a_certificate_that_nobody_vouches_for) {
  const tls_server server;
  const run_result found =
      run_against(server, "localhost", {.ca_file = {}, .verify = true}, in_vain());
  EXPECT_EQ(found.proof.turns, 0U);
  EXPECT_GT(tls_failures(found), 0U);
  EXPECT_TRUE(server.heads().empty());
}

TEST(bench_tls, refuses_a_certificate_for_another_name) {
  const tls_server server;
  const temporary_file ca{server.authority()};
  const run_result found =
      run_against(server, "127.0.0.1", {.ca_file = ca.path(), .verify = true}, in_vain());
  EXPECT_EQ(found.proof.turns, 0U);
  EXPECT_GT(tls_failures(found), 0U);
}

TEST(bench_tls, accepts_any_certificate_when_told_to) {
  const tls_server server;
  const run_result found =
      run_against(server, "127.0.0.1", {.ca_file = {}, .verify = false}, this_many(100));
  EXPECT_EQ(found.proof.turns, 100U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

TEST(bench_tls, says_which_certificates_cannot_be_read) {
  const tls_server server;
  EXPECT_THROW((void)run_against(server, "localhost",
                                 {.ca_file = "/nonexistent/ca.pem", .verify = true}, in_vain()),
               std::runtime_error);
}

}  // namespace
}  // namespace turnomatic::bench
