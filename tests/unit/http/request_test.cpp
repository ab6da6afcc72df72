#include "http/request.hpp"

#include "http/request_target.hpp"
#include "http/router.hpp"

#include <gtest/gtest.h>

namespace turnomatic::http {
namespace {

TEST(parse_head, takes_a_request_apart) {
  const auto head = parse_head("POST /turno/a?b HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, method::post);
  EXPECT_EQ(head->target, "/turno/a?b");
  EXPECT_EQ(head->path, "/turno/a");
  EXPECT_TRUE(head->keep_alive);
  EXPECT_FALSE(head->http_1_0);
}

TEST(parse_head, names_the_reason_of_a_rejection) {
  const std::pair<const char*, rejection> rows[] = {
      {"GET / HTTP/1.1\r\n\r\n", rejection::bad_host},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", rejection::bad_host},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", rejection::bad_framing},
      {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", rejection::bad_framing},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n", rejection::body_not_allowed},
      {"GET x HTTP/1.1\r\nHost: h\r\n\r\n", rejection::bad_target},
      {"GET / HTTP/1.1\r\nHost: h\r\nX Y: z\r\n\r\n", rejection::malformed}};
  for (const auto& [head, why] : rows) {
    const auto parsed = parse_head(head);
    ASSERT_FALSE(parsed) << head;
    EXPECT_EQ(parsed.error(), why) << head;
  }
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
  EXPECT_EQ(match_route("/turno/%67x", audience::callers).id_segment, "%67x");
  EXPECT_EQ(match_route("/turno/", audience::callers).id_segment, "");
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
