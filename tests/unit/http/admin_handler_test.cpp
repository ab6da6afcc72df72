// What operators may change, as they see it; who performs it is in the test's hands.
#include "http/admin_handler.hpp"

#include "unit/http/session_bench.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace turnomatic::http {
namespace {

/// Answers at once, or when the test says so.
class scripted_administrator final : public administrator {
 public:
  void perform(const admin_request& what, completion done) override {
    asked.push_back(what);
    if (at_once)
      return done(answer);
    pending.push_back(std::move(done));
  }
  void complete() {
    const completion oldest = std::move(pending.front());
    pending.erase(pending.begin());
    oldest(answer);
  }

  std::vector<admin_request> asked;
  std::vector<completion> pending;
  result<admin_answer> answer{admin_answer{}};
  bool at_once{true};
};

struct admin_bench : session_bench {
  explicit admin_bench(audience who = audience::operators)
      : session_bench{options{.who = who, .without_backend = true}} {
    context.admin = &handler;
  }

  support::http_answer ask(const std::string& line, const std::string& authorization) {
    send(text_of(line, authorization));
    const auto all = answers().answers;
    return all.empty() ? support::http_answer{} : all.back();
  }
  support::http_answer ask(const std::string& line) { return ask(line, "Bearer secret"); }
  static std::string text_of(const std::string& line, const std::string& authorization) {
    std::string text = line + " HTTP/1.1\r\nHost: h\r\n";
    if (!authorization.empty())
      text += "Authorization: " + authorization + "\r\n";
    return text + "\r\n";
  }
  void see(std::uint64_t turn, bool halted = false) {
    performer->answer = admin_answer{};
    performer->answer->counters.push_back({"a", turn, halted});
  }

  scripted_administrator* performer{new scripted_administrator};  // handler's
  admin_handler handler{std::unique_ptr<administrator>{performer}, "secret"};
};

TEST(admin_handler, shows_a_counter) {
  admin_bench bench;
  bench.see(42);
  const auto answer = bench.ask("GET /admin/counters/a");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"id":"a","turno":42,"halted":false})");
  EXPECT_EQ(answer.fields.at("content-type"), "application/json");
  EXPECT_EQ(bench.performer->asked.at(0).id->text(), "a");
}

TEST(admin_handler, shows_a_page_and_where_the_next_begins) {
  admin_bench bench;
  bench.see(1, true);
  bench.performer->answer->cursor = 18'446'744'073'709'551'615U;
  EXPECT_EQ(bench.ask("GET /admin/counters?cursor=7&limit=2").body,
            R"({"counters":[{"id":"a","turno":1,"halted":true}],"cursor":"18446744073709551615"})");
  EXPECT_EQ(bench.performer->asked.at(0).cursor, 7U);
  bench.performer->answer = admin_answer{};
  EXPECT_EQ(bench.ask("GET /admin/counters").body, R"({"counters":[],"cursor":""})");
}

TEST(admin_handler, shows_each_workers_breaker) {
  admin_bench bench;
  bench.performer->answer->breakers.push_back(
      {1, breaker_state::half_open, breaker_mode::automatic, 50, 7});
  EXPECT_EQ(bench.ask("GET /admin/breaker").body,
            R"({"workers":[{"worker":1,"state":"half_open","mode":"automatic",)"
            R"("failure_percent":50,"slow_percent":7}]})");
}

TEST(admin_handler, says_whether_a_store_was_adopted) {
  admin_bench bench;
  EXPECT_EQ(bench.ask("POST /admin/store/adopt").body, R"({"adopted":false})");
  bench.performer->answer->adopted = true;
  EXPECT_EQ(bench.ask("POST /admin/store/adopt").body, R"({"adopted":true})");
}

TEST(admin_handler, takes_the_query_of_an_absolute_target) {
  admin_bench bench;
  bench.see(5);
  EXPECT_EQ(bench.ask("POST http://h/admin/counters/a?turno=5").status, 200);
  EXPECT_EQ(bench.performer->asked.at(0).turn, 5U);
}

TEST(admin_handler, performs_nothing_without_the_token) {
  for (const char* const wrong :
       {"", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "Bearer Secret",
        "Basic secret", "Bearer  secret", "Bearer secret x"}) {
    admin_bench bench;
    const auto answer = bench.ask("POST /admin/store/adopt", wrong);
    EXPECT_EQ(answer.status, 401) << wrong;
    EXPECT_EQ(answer.fields.at("www-authenticate"), "Bearer") << wrong;
    EXPECT_TRUE(bench.performer->asked.empty()) << wrong;
  }
}

TEST(admin_handler, follows_a_new_token) {
  admin_bench bench;
  bench.handler.set_token("other");
  EXPECT_EQ(bench.ask("GET /admin/breaker").status, 401);
  EXPECT_EQ(bench.ask("GET /admin/breaker", "Bearer other").status, 200);
}

TEST(admin_handler, is_not_there_while_the_token_is_empty) {
  admin_bench bench;
  bench.handler.set_token("");
  for (const char* authorization : {"", "Bearer ", "Bearer secret"})
    EXPECT_EQ(bench.ask("GET /admin/breaker", authorization).status, 404) << authorization;
  EXPECT_TRUE(bench.performer->asked.empty());
}

TEST(admin_handler, believes_neither_of_two_tokens) {
  admin_bench bench;
  EXPECT_EQ(bench.ask("GET /admin/breaker", "Bearer secret\r\nAuthorization: Bearer secret").status,
            401);
}

TEST(admin_handler, takes_the_name_of_the_scheme_in_any_case) {
  admin_bench bench;
  EXPECT_EQ(bench.ask("GET /admin/breaker", "bEARER secret").status, 200);
}

TEST(admin_handler, tells_those_without_the_token_nothing_about_its_paths) {
  admin_bench bench;
  EXPECT_EQ(bench.ask("GET /admin/nothing", "").status, 401);
  EXPECT_EQ(bench.ask("PUT /admin/counters", "").status, 401);
  EXPECT_EQ(bench.ask("GET /admin/nothing").status, 404);
  const auto refused = bench.ask("PUT /admin/counters");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.fields.at("allow"), "GET");
}

TEST(admin_handler, tells_what_went_wrong) {
  const std::pair<errc, const char*> rows[] = {
      {errc::counter_ahead, "409 counter-ahead"}, {errc::counter_moved, "409 counter-moved"},
      {errc::not_supported, "409 not-supported"}, {errc::unavailable, "503 store-unavailable"},
      {errc::store_behind, "503 store-behind"},   {errc::outcome_unknown, "503 outcome-unknown"}};
  for (const auto& [error, expected] : rows) {
    admin_bench bench;
    bench.performer->answer = make_error_code(error);
    const auto answer = bench.ask("POST /admin/counters/a?turno=1");
    EXPECT_EQ(std::to_string(answer.status), std::string{expected}.substr(0, 3));
    EXPECT_NE(answer.body.find(std::string{expected}.substr(4)), std::string::npos) << answer.body;
  }
}

TEST(admin_handler, is_not_there_for_callers_or_without_a_token) {
  admin_bench callers{audience::callers};
  EXPECT_EQ(callers.ask("GET /admin/breaker").status, 404);
  admin_bench switched_off;
  switched_off.context.admin = nullptr;
  EXPECT_EQ(switched_off.ask("GET /admin/breaker").status, 404);
  EXPECT_EQ(switched_off.events.answered.at(0).route, route::unknown);
}

TEST(admin_handler, answers_later_in_the_order_of_the_requests) {
  admin_bench bench;
  bench.performer->at_once = false;
  bench.see(1);
  bench.send(admin_bench::text_of("GET /admin/counters/a", "Bearer secret") +
             admin_bench::text_of("GET /livez", ""));
  EXPECT_EQ(bench.received(), "");
  bench.performer->complete();
  bench.poll();
  EXPECT_EQ(bench.statuses(), (std::vector<int>{200, 200}));
  EXPECT_EQ(bench.events.answered.at(0).route, route::admin);
}

TEST(admin_handler, takes_an_exchange_back_whose_client_has_gone) {
  admin_bench bench;
  bench.performer->at_once = false;
  bench.send(admin_bench::text_of("POST /admin/counters/a?turno=1", "Bearer secret"));
  bench.tested->abort(close_reason::error);
  exchange& other = bench.context.exchanges.acquire();
  bench.performer->answer = make_error_code(errc::counter_ahead);
  bench.performer->complete();
  exchange& again = bench.context.exchanges.acquire();
  EXPECT_NE(&other, &again);
  EXPECT_NE(&again, &bench.context.exchanges.acquire()) << "and only once";
  EXPECT_EQ(again.what, exchange::state::waiting);
  EXPECT_EQ(bench.events.all_burned(), 0U);
}

}  // namespace
}  // namespace turnomatic::http
