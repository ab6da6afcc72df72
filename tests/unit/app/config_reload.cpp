#include "app/config/key_table.hpp"
#include "app/config/reload.hpp"
#include "config_given.hpp"

#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

using namespace std::chrono_literals;
using names = std::vector<std::string>;

constexpr const char* before = "workers = 1\nrequest_deadline = \"1s\"\n[http]\nbacklog = 9\n";

reload_outcome reloaded(const loaded_configuration& running, const given& now) {
  const auto outcome = reload(running, sources_of(now));
  EXPECT_TRUE(outcome.has_value());
  return outcome ? *outcome : reload_outcome{};
}

reload_outcome reloaded(const given& now) {
  return reloaded(load(given_file(before)), now);
}

}  // namespace

TEST(reload, of_the_same_sources_changes_nothing) {
  const auto outcome = reloaded(given_file(before));
  EXPECT_EQ(outcome.changed, names{});
  EXPECT_EQ(outcome.needs_restart, names{});
}

TEST(reload, applies_live_keys_and_keeps_the_others) {
  const auto outcome = reloaded(given_file(
      "workers = 2\nrequest_deadline = \"2s\"\n[http]\nbacklog = 9\nidle_timeout = \"9s\"\n"));
  EXPECT_EQ(outcome.changed, (names{"request_deadline", "http.idle_timeout"}));
  EXPECT_EQ(outcome.needs_restart, names{"workers"});
  EXPECT_EQ(outcome.applied.values.request_deadline, 2s);
  EXPECT_EQ(outcome.applied.values.http.idle_timeout, 9s);
  EXPECT_EQ(outcome.applied.values.workers, 1U);
  EXPECT_EQ(outcome.applied.values.http.backlog, 9U);
  EXPECT_EQ(to_string(outcome.applied.origins.at("http.idle_timeout")), "file /test.toml:5");
}

TEST(reload, reads_a_key_that_is_gone_from_the_file_as_its_default) {
  const auto outcome = reloaded(given_file("workers = 1"));
  EXPECT_EQ(outcome.needs_restart, names{"http.backlog"});
  EXPECT_EQ(outcome.changed, names{});
  EXPECT_EQ(to_string(outcome.applied.origins.at("request_deadline")), "default");
}

TEST(reload, applies_of_redis_what_opens_no_other_store) {
  const names live{"redis.on_loss",        "redis.acknowledging_replicas",
                   "redis.stall_timeout",  "redis.refresh_interval",
                   "redis.recovery_grace", "redis.reconnect_min",
                   "redis.reconnect_max",  "redis.batch_max",
                   "redis.queue_max",      "redis.queue_max_per_id"};
  names found;
  for (const auto& known : key_table()) {
    if (known.name.starts_with("redis.") && known.changes == lifetime::live) {
      found.push_back(known.name);
    }
    if (known.name.starts_with("breaker.")) {
      EXPECT_EQ(known.changes, lifetime::live) << known.name;
    }
  }
  EXPECT_EQ(found, live);
}

TEST(reload, names_a_url_that_changed_and_keeps_the_one_that_runs) {
  const auto running = load(given_file("redis.url = \"redis://:old@host\""));
  const auto outcome = reloaded(running, given_file("redis.url = \"redis://:new@host\""));
  EXPECT_EQ(outcome.needs_restart, names{"redis.url"});
  EXPECT_EQ(outcome.applied.values.redis.target.password, "old");
}

TEST(reload, reports_a_pending_restart_each_time) {
  const given now = given_file("workers = 2\nhttp.backlog = 9");
  EXPECT_EQ(reloaded(reloaded(now).applied, now).needs_restart, names{"workers"});
}

TEST(reload, is_whole_or_not_at_all) {
  const auto outcome = reload(load(given_file(before)),
                              sources_of(given_file("request_deadline = \"2s\"\nworkers = 5000")));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(report(outcome.error()),
            "file /test.toml:2: workers = \"5000\": expected a whole number from 0 to 1024\n");
}

TEST(reload, changes_nothing_that_a_further_check_refuses) {
  const auto refuse_backlog_8 = [](const loaded_configuration& next) {
    std::vector<configuration_error> errors;
    if (next.values.http.backlog == 8) {
      errors.push_back({"http.backlog", next.origins.at("http.backlog"), "no 8"});
    }
    return errors;
  };
  const auto running = load(given_file(before));
  const auto refused =
      reload(running, sources_of(given_file("http.backlog = 8")), refuse_backlog_8);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(report(refused.error()), "file /test.toml:1: no 8\n");
  EXPECT_TRUE(reload(running, sources_of(given_file("workers = 1")), refuse_backlog_8).has_value());
}

TEST(reload, refuses_a_file_that_has_become_empty) {
  const auto running = load(given_file(before));
  for (const auto* text : {"", "\n", " \t\r\n\n"}) {
    const auto refused = reload(running, sources_of(given_file(text)));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(report(refused.error()),
              "flag --config: config = \"/test.toml\": the file is empty and was not before\n");
  }
  EXPECT_TRUE(reload(running, sources_of(given_file("# nothing"))).has_value());
}

TEST(reload, takes_an_empty_file_for_one_that_was_empty) {
  const auto running = load(given_file(""));
  EXPECT_TRUE(reload(running, sources_of(given_file("\n"))).has_value());
  const auto filled = reloaded(running, given_file("request_deadline = \"2s\""));
  EXPECT_FALSE(reload(filled.applied, sources_of(given_file(""))).has_value());
}

TEST(reload, says_to_the_reader_of_files_what_it_reads_for) {
  std::vector<occasion> asked;
  configuration_sources sources{{"--config", "x"}, {}, [&asked](const auto&, occasion when) {
                                  asked.push_back(when);
                                  return file_text{boost::system::in_place_value, "workers = 1"};
                                }};
  const auto running = load_configuration(sources);
  EXPECT_TRUE(reload(*running, sources).has_value());
  EXPECT_EQ(asked, (std::vector{occasion::start, occasion::reload}));
}

TEST(reload, of_an_equal_value_from_elsewhere_only_moves_its_origin) {
  const auto outcome = reloaded({{"--config", "/test.toml"},
                                 {{"TURNOMATIC_HTTP_BACKLOG", "9"}},
                                 {{"/test.toml", "workers = 1"}}});
  EXPECT_EQ(outcome.needs_restart, names{});
  EXPECT_EQ(to_string(outcome.applied.origins.at("http.backlog")),
            "environment TURNOMATIC_HTTP_BACKLOG");
}

}  // namespace turnomatic::app
