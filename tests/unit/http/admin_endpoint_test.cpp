#include "http/admin_endpoint.hpp"

#include <gtest/gtest.h>

#include <string>

namespace turnomatic::http {
namespace {

admin_request read(method m, std::string_view path, std::string_view query = {}) {
  const auto asked = read_admin_request(m, path, query);
  EXPECT_TRUE(asked) << path << '?' << query;
  return asked ? *asked : admin_request{};
}

TEST(admin_endpoint, reads_which_counter_is_looked_at) {
  const admin_request asked = read(method::get, "counters/a%62");
  EXPECT_EQ(asked.action, admin_action::peek);
  EXPECT_EQ(asked.id->text(), "ab");
}

TEST(admin_endpoint, reads_which_page_is_wanted) {
  const admin_request first = read(method::get, "counters");
  EXPECT_EQ(first.action, admin_action::list);
  EXPECT_EQ(first.cursor, 0U);
  EXPECT_EQ(first.limit, 100U);
  EXPECT_EQ(read(method::get, "counters", "cursor=").cursor, 0U);
  const admin_request later =
      read(method::get, "counters", "limit=1000&cursor=18446744073709551615");
  EXPECT_EQ(later.cursor, 18'446'744'073'709'551'615U);
  EXPECT_EQ(later.limit, 1000U);
}

TEST(admin_endpoint, reads_what_a_counter_is_set_to) {
  const admin_request forward = read(method::post, "counters/a", "turno=9007199254740991");
  EXPECT_EQ(forward.action, admin_action::set);
  EXPECT_EQ(forward.turn, turn_max);
  EXPECT_FALSE(forward.force);
  EXPECT_FALSE(forward.from);
  const admin_request forced = read(method::post, "counters/a", "force=true&turno=0&from=7");
  EXPECT_TRUE(forced.force);
  EXPECT_EQ(forced.from, 7U);
  EXPECT_FALSE(read(method::post, "counters/a", "turno=0&force=false").force);
  EXPECT_EQ(read(method::post, "counters/a", "from=0&turno=5").from, 0U);
}

TEST(admin_endpoint, reads_the_rest) {
  EXPECT_EQ(read(method::post, "counters/a/resume").action, admin_action::resume);
  EXPECT_EQ(read(method::get, "breaker").action, admin_action::show_breakers);
  EXPECT_EQ(read(method::post, "store/adopt").action, admin_action::adopt);
  const admin_request set = read(method::post, "breaker", "mode=forced_open");
  EXPECT_EQ(set.action, admin_action::set_breakers);
  EXPECT_EQ(set.mode, breaker_mode::forced_open);
}

TEST(admin_endpoint, can_set_each_mode_of_a_breaker) {
  for (std::size_t i = 0; i < breaker_mode_count; ++i)
    EXPECT_EQ(
        index_of(read(method::post, "breaker", "mode=" + std::string{breaker_mode_labels[i]}).mode),
        i);
}

TEST(admin_endpoint, refuses_what_may_be_a_typing_error) {
  const std::tuple<method, const char*, const char*> rows[] = {
      {method::get, "counters/a", "turno=1"},
      {method::get, "counters", "limit=0"},
      {method::get, "counters", "limit=1001"},
      {method::get, "counters", "limit="},
      {method::get, "counters", "limit=5&limit=5"},
      {method::get, "counters", "cursor=x"},
      {method::get, "counters", "cursor=18446744073709551616"},
      {method::get, "counters", "curser=1"},
      {method::post, "counters/a", ""},
      {method::post, "counters/a", "turno="},
      {method::post, "counters/a", "turno=-1"},
      {method::post, "counters/a", "turno=+1"},
      {method::post, "counters/a", "turno=1.0"},
      {method::post, "counters/a", "turno=9007199254740992"},
      {method::post, "counters/a", "turno=%31"},
      {method::post, "counters/a", "turno=1&force"},
      {method::post, "counters/a", "turno=1&force=yes"},
      {method::post, "counters/a", "turno=1&turno=2"},
      {method::post, "counters/a", "turno=1&&force=true&from=2"},
      {method::post, "counters/a", "turno=1&force=true"},
      {method::post, "counters/a", "turno=1&from="},
      {method::post, "counters/a", "turno=1&from=-1"},
      {method::post, "counters/a", "turno=1&from=9007199254740992"},
      {method::post, "counters/a", "turno=1&from=2&from=2"},
      {method::post, "counters/a", "from=1"},
      {method::post, "counters/a/resume", "force=true"},
      {method::get, "breaker", "mode=automatic"},
      {method::post, "breaker", ""},
      {method::post, "breaker", "mode=open"},
      {method::post, "breaker", "mode=Disabled"},
      {method::post, "store/adopt", "now"}};
  for (const auto& [m, path, query] : rows) {
    const auto asked = read_admin_request(m, path, query);
    ASSERT_FALSE(asked) << path << '?' << query;
    EXPECT_EQ(asked.error().why, problem::invalid_parameter) << path << '?' << query;
  }
}

TEST(admin_endpoint, names_the_methods_that_it_serves) {
  const std::tuple<const char*, method, const char*> rows[] = {
      {"counters", method::post, "GET"},          {"counters", method::head, "GET"},
      {"counters/a", method::head, "GET, POST"},  {"counters/a", method::other_known, "GET, POST"},
      {"counters/a/resume", method::get, "POST"}, {"breaker", method::options, "GET, POST"},
      {"store/adopt", method::get, "POST"}};
  for (const auto& [path, m, allow] : rows) {
    const auto asked = read_admin_request(m, path, {});
    ASSERT_FALSE(asked) << path;
    EXPECT_EQ(asked.error().why, problem::method_not_allowed) << path;
    EXPECT_EQ(asked.error().allow, allow) << path;
  }
}

TEST(admin_endpoint, knows_no_other_path_and_no_other_ids) {
  for (const char* const path : {"", "counter", "counters/a/", "counters/a/b", "counters/a/resume/",
                                 "breaker/", "store", "store/adopt/", "Breaker"}) {
    const auto asked = read_admin_request(method::get, path, {});
    ASSERT_FALSE(asked) << path;
    EXPECT_EQ(asked.error().why, problem::not_found) << path;
  }
  for (const char* const path : {"counters/", "counters/a%2Fb", "counters/gr%C3%BCn"})
    EXPECT_EQ(read_admin_request(method::get, path, {}).error().why, problem::invalid_id) << path;
}

}  // namespace
}  // namespace turnomatic::http
