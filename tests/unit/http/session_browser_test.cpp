// What browsers and front ends say about a request, and what becomes of its turn.
#include "session_bench.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnomatic::http {
namespace {

const std::string shop = "https://shop.example";
const std::string cross_site = "Sec-Fetch-Site: cross-site\r\n";
const std::string same_site = "Sec-Fetch-Site: same-site\r\n";
const std::string cors = "Sec-Fetch-Mode: cors\r\n";
const std::string navigate = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";

std::string from(const std::string& origin) {
  return "Origin: " + origin + "\r\n";
}

struct shop_bench : session_bench {
  explicit shop_bench(const options& with = {}) : session_bench{with} {
    context.settings.cors_origins = {"http://other.example", shop};
  }
  support::http_answer ask(const std::string& bytes) {
    send(bytes);
    const auto all = answers().answers;
    return all.empty() ? support::http_answer{} : all.back();
  }
};

std::string type_of(const support::http_answer& answer) {
  const std::string prefix = R"({"type":"urn:turnomatic:problem:)";
  if (!answer.body.starts_with(prefix))
    return {};
  const std::size_t end = answer.body.find('"', prefix.size());
  return answer.body.substr(prefix.size(), end - prefix.size());
}

bool has_cors_fields(const support::http_answer& answer) {
  bool found = answer.fields.contains("vary");
  for (const auto& [name, value] : answer.fields)
    found |= name.starts_with("access-control-");
  return found;
}

TEST(session_browser, is_refused_a_turn_whose_answer_its_page_could_not_read) {
  const std::string rows[] = {
      cross_site + cors,                                 // no Origin
      cross_site + cors + from("https://evil.example"),  // not named
      same_site + cors + from("https://evil.example"),
      cross_site + cors + from("null"),
      cross_site + cors + from(shop) + from(shop),  // neither of two
      cross_site + cors + from(shop + ":444"),
      cross_site + cors + from("http://shop.example"),
      cross_site + cors + from("https://SHOP.example"),  // no browser writes it so
      cross_site + "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
      same_site + "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
      cross_site + "Sec-Fetch-Mode: no-cors\r\n" + from(shop),  // an opaque answer
      cross_site + "Sec-Fetch-Mode: websocket\r\n" + from(shop),
      cross_site,
      cross_site + "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
      same_site + "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: embed\r\n"};
  for (const std::string& fields : rows) {
    shop_bench bench;
    const auto answer = bench.ask(turn_request("a", fields));
    EXPECT_EQ(answer.status, 403) << fields;
    EXPECT_EQ(type_of(answer), "cross-origin") << fields;
    EXPECT_EQ(bench.backend.taken, 0U) << fields;
    EXPECT_FALSE(bench.ended()) << fields;
  }
}

TEST(session_browser, takes_a_turn_where_a_person_or_a_page_that_may_read_asks) {
  const std::string rows[] = {
      "",
      from("https://evil.example"),  // a client that is no browser, or one without Fetch Metadata
      cross_site + cors + from(shop),
      same_site + cors + from(shop),
      cross_site + navigate,
      same_site + navigate,
      cross_site + "Sec-Fetch-Mode: navigate\r\n",
      "Sec-Fetch-Site: same-origin\r\n" + cors,
      "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\n",
      "Sec-Fetch-Site: none\r\n" + navigate,
      "Sec-Fetch-Site: what-comes-next\r\n" + cors};
  for (const std::string& fields : rows) {
    shop_bench bench;
    EXPECT_EQ(bench.ask(turn_request("a", fields)).status, 200) << fields;
    EXPECT_EQ(bench.backend.taken, 1U) << fields;
  }
}

TEST(session_browser, is_told_that_pages_of_an_origin_that_is_named_may_read_the_answer) {
  const std::string fields = cross_site + cors + from(shop);
  const std::pair<std::string, int> rows[] = {
      {turn_request("a", fields), 200},
      {turn_request("%", fields), 400},
      {turn_request("a", fields + "Idempotency-Key: x y\r\n"), 400},
      {turn_request("a", fields + "Early-Data: 1\r\n"), 425},
      {"PUT /turno/a HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n", 405},
      {turn_request("a", from(shop)), 200}};
  for (const auto& [request, status] : rows) {
    shop_bench bench;
    const auto answer = bench.ask(request);
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.fields.at("access-control-allow-origin"), shop) << request;
    EXPECT_EQ(answer.fields.at("vary"), "Origin");
    EXPECT_EQ(answer.fields.at("access-control-expose-headers"), "Retry-After");
  }
}

TEST(session_browser, reads_that_there_are_too_many_connections) {
  shop_bench bench{{.refusal = problem::too_many_connections}};
  const auto answer = bench.ask(turn_request("a", cross_site + cors + from(shop)));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.fields.at("access-control-allow-origin"), shop);
}

TEST(session_browser, is_told_nothing_about_other_origins_and_other_paths) {
  for (const std::string& request :
       {turn_request("a"), turn_request("a", from("https://evil.example")),
        turn_request("a", cross_site + cors + from("https://evil.example")),
        "GET /livez HTTP/1.1\r\nHost: h\r\n" + from(shop) + "\r\n",
        "GET /x HTTP/1.1\r\nHost: h\r\n" + from(shop) + "\r\n",
        "OPTIONS /turno/a HTTP/1.1\r\nHost: h\r\nAccess-Control-Request-Method: POST\r\n" +
            from("https://evil.example") + "\r\n",
        std::string{"OPTIONS /turno/a HTTP/1.1\r\nHost: h\r\n\r\n"}}) {
    shop_bench bench;
    EXPECT_FALSE(has_cors_fields(bench.ask(request))) << request;
  }
}

TEST(session_browser, keeps_what_it_is_told_to_the_request_that_it_is_about) {
  shop_bench bench{{.when = support::scripted_backend::mode::when_told}};
  bench.send(turn_request("a", from(shop)) + turn_request("a") +
             turn_request("a", from("http://other.example")));
  bench.context.settings.cors_origins.clear();  // a reload, while the turns are taken
  bench.backend.complete_all();
  bench.poll();
  const auto answers = bench.answers().answers;
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].fields.at("access-control-allow-origin"), shop);
  EXPECT_FALSE(has_cors_fields(answers[1]));
  EXPECT_EQ(answers[2].fields.at("access-control-allow-origin"), "http://other.example");
  EXPECT_FALSE(
      has_cors_fields(bench.ask("PUT /turno/a HTTP/1.1\r\nHost: h\r\n" + from(shop) + "\r\n")));
}

TEST(session_browser, gets_its_preflight_answered) {
  shop_bench bench;
  bench.send("OPTIONS /turno/a HTTP/1.1\r\nHost: h\r\n" + cross_site + cors + from(shop) +
             "Access-Control-Request-Method: POST\r\n"
             "Access-Control-Request-Headers: idempotency-key\r\n\r\n" +
             turn_request("a"));
  const auto answers = bench.answers().answers;
  ASSERT_EQ(bench.statuses(), (std::vector<int>{204, 200}));
  EXPECT_EQ(answers[1].body, R"({"id":"a","turno":1})") << "it takes no turn";
  EXPECT_EQ(answers[0].fields.at("access-control-allow-origin"), shop);
  EXPECT_EQ(answers[0].fields.at("access-control-allow-methods"), "GET, POST");
  EXPECT_EQ(answers[0].fields.at("access-control-allow-headers"), "Content-Type, Idempotency-Key");
  EXPECT_EQ(answers[0].fields.at("access-control-max-age"), "7200");
  EXPECT_EQ(answers[0].fields.at("vary"), "Origin");
  EXPECT_EQ(answers[0].fields.count("content-length"), 0U);  // RFC 9110 section 8.6
}

TEST(session_browser, gets_no_preflight_fields_where_there_was_no_preflight) {
  shop_bench bench;
  const auto answer = bench.ask("OPTIONS /turno/a HTTP/1.1\r\nHost: h\r\n" + from(shop) + "\r\n");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.fields.at("allow"), "GET, POST, OPTIONS");
  EXPECT_EQ(answer.fields.at("access-control-allow-origin"), shop);
  EXPECT_EQ(answer.fields.count("access-control-allow-methods"), 0U);
}

TEST(session_browser, takes_no_turn_in_advance) {
  const char* speculative[] = {"Sec-Purpose: prefetch",
                               "sec-purpose: prefetch;prerender",
                               "Sec-Purpose: prefetch;anonymous-client-ip",
                               "Sec-Purpose: \tprefetch ; prerender",
                               "Purpose: prefetch",
                               "purpose: preview",
                               "X-moz: prefetch"};
  for (const std::string field : speculative) {
    shop_bench bench;
    const auto answer =
        bench.ask(turn_request("a", field + "\r\nSec-Fetch-Site: same-origin\r\n" + navigate));
    EXPECT_EQ(answer.status, 403) << field;
    EXPECT_EQ(type_of(answer), "prefetch") << field;
    EXPECT_EQ(bench.backend.taken, 0U) << field;
  }
  for (const std::string field : {"Sec-Purpose: prefetched", "Sec-Purpose:", "Purpose: x",
                                  "X-Purpose: prefetch", "Sec-Purposes: prefetch"}) {
    shop_bench bench;
    EXPECT_EQ(bench.ask(turn_request("a", field + "\r\n")).status, 200) << field;
  }
}

TEST(session_browser, takes_no_turn_for_early_data) {
  for (const std::string field :
       {"Early-Data: 1", "early-data: 0", "Early-Data:", "Early-Data: 1\r\nEarly-Data: 1"}) {
    shop_bench bench;
    const auto answer = bench.ask(turn_request("a", field + "\r\n"));
    EXPECT_EQ(answer.status, 425) << field;
    EXPECT_EQ(type_of(answer), "too-early");
    EXPECT_EQ(bench.backend.taken, 0U) << field;
  }
}

}  // namespace
}  // namespace turnomatic::http
