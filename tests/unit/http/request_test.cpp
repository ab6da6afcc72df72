#include "http/request.hpp"

#include "http/request_target.hpp"
#include "http/router.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace turnomatic::http {
namespace {

TEST(parse_head, takes_a_request_apart) {
  const auto head = parse_head("POST /turno/a?b HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, method::post);
  EXPECT_EQ(head->target, "/turno/a?b");
  EXPECT_TRUE(head->keep_alive);
  EXPECT_FALSE(head->says_keep_alive);
}

TEST(parse_head, names_the_reason_of_a_rejection) {
  const std::pair<const char*, rejection> rows[] = {
      {"GET / HTTP/1.1\r\n\r\n", rejection::bad_host},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", rejection::bad_host},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", rejection::bad_framing},
      {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", rejection::bad_framing},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n", rejection::body_not_allowed},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1025\r\n\r\n", rejection::body_not_allowed},
      {"GET / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", rejection::expectation_unknown},
      {"GET x HTTP/1.1\r\nHost: h\r\n\r\n", rejection::bad_target},
      {"GET / HTTP/1.1\r\nHost: h\r\nX Y: z\r\n\r\n", rejection::malformed}};
  for (const auto& [head, why] : rows) {
    const auto parsed = parse_head(head);
    ASSERT_FALSE(parsed) << head;
    EXPECT_EQ(parsed.error(), why) << head;
  }
}

TEST(parse_head, goes_by_connection_alone_in_whether_the_connection_stays) {
  struct row {
    const char* fields;
    bool stays_in_1_1;
    bool stays_in_1_0;
  };
  const row rows[] = {{"", true, false},
                      {"Connection: keep-alive\r\n", true, true},
                      {"Connection: ,Keep-Alive ,\r\n", true, true},
                      {"Connection: keep-alive-not\r\n", true, false},
                      {"Connection: close\r\n", false, false},
                      {"Connection: x, CLOSE\r\n", false, false},
                      {"Connection: keep-alive, close\r\n", false, false},
                      {"Connection: close\r\nConnection: keep-alive\r\n", false, false},
                      {"Proxy-Connection: keep-alive\r\n", true, false},
                      {"Proxy-Connection: close\r\n", true, false},
                      {"Proxy-Connection: close\r\nConnection: keep-alive\r\n", true, true},
                      {"Connection: close\r\nProxy-Connection: keep-alive\r\n", false, false},
                      {"Proxy-Connection: @\r\nConnection: close\r\n", false, false},
                      {"Proxy-Connection: @\r\nConnection: keep-alive\r\n", true, true}};
  for (const row& r : rows) {
    for (const auto& [version, stays] :
         {std::pair{"1.1", r.stays_in_1_1}, {"1.0", r.stays_in_1_0}}) {
      const std::string begin = std::string{"GET / HTTP/"} + version + "\r\nHost: h\r\n";
      const auto head = begin + r.fields + "\r\n";
      const auto parsed = parse_head(head);
      ASSERT_TRUE(parsed) << head;
      EXPECT_EQ(parsed->keep_alive, stays) << head;
    }
  }
}

TEST(parse_head, reads_everything_around_a_proxy_connection_that_is_no_list) {
  const std::string foreign = "proxy-connection:;;\r\n";
  std::string many;
  for (int i = 0; i < 30; ++i)
    many += foreign + "X: y\r\n";
  const auto rejection_of = [&](const std::string& fields) {
    const auto parsed = parse_head("GET / HTTP/1.1\r\n" + many + fields + foreign + "\r\n");
    return parsed ? std::nullopt : std::optional{parsed.error()};
  };
  const std::string host = "Host: h\r\n";
  EXPECT_EQ(rejection_of(host), std::nullopt);
  EXPECT_EQ(rejection_of(""), rejection::bad_host);
  EXPECT_EQ(rejection_of(host + host), rejection::bad_host);
  EXPECT_EQ(rejection_of(host + "Connection: @\r\n"), rejection::malformed);
  EXPECT_EQ(rejection_of(host + "X Y: z\r\n"), rejection::malformed);
  EXPECT_EQ(rejection_of(host + "Content-Length: 1\r\n"), rejection::body_not_allowed);
  EXPECT_EQ(rejection_of(host + "Content-Length: x\r\n"), rejection::bad_framing);
}

TEST(router, knows_each_endpoint_by_its_listener) {
  struct row {
    const char* path;
    route callers;
    route operators;
  };
  const row rows[] = {{"/turno/a", route::turn, route::unknown},
                      {"/livez", route::livez, route::livez},
                      {"/readyz", route::readyz, route::readyz},
                      {"/health", route::health, route::health},
                      {"/degraded", route::degraded, route::degraded},
                      {"/metrics", route::unknown, route::metrics},
                      {"/admin/", route::unknown, route::admin},
                      {"/admin/counters/a", route::unknown, route::admin},
                      {"/admin", route::unknown, route::unknown},
                      {"/", route::unknown, route::unknown},
                      {"*", route::unknown, route::unknown},
                      {"", route::unknown, route::unknown}};
  for (const row& r : rows) {
    EXPECT_EQ(match_route(r.path, audience::callers).route, r.callers) << r.path;
    EXPECT_EQ(match_route(r.path, audience::operators).route, r.operators) << r.path;
  }
}

TEST(router, hands_on_the_id_as_it_was_sent) {
  EXPECT_EQ(match_route("/turno/%67x", audience::callers).id, counter_id::from_text("gx"));
  for (const char* const path : {"/turno/", "/turno/%", "/turno/!"})
    EXPECT_EQ(match_route(path, audience::callers).id, std::nullopt) << path;
}

TEST(router, hands_on_what_is_asked_of_the_administration) {
  EXPECT_EQ(match_route("/admin/counters/%67", audience::operators).admin_path, "counters/%67");
}

TEST(parse_head, hands_on_who_is_asking) {
  const auto authorization = [](const std::string& fields) {
    const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
    return std::string{parse_head(head)->authorization};
  };
  EXPECT_EQ(authorization(""), "");
  const std::string one = "Authorization: Bearer x \r\n";
  EXPECT_EQ(authorization(one), "Bearer x") << "without the blanks around it";
  EXPECT_EQ(authorization(one + one), "") << "neither of two";
}

}  // namespace
}  // namespace turnomatic::http
