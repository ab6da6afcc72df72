#include "app/refusal_report.hpp"

#include "telemetry/log.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace turnomatic::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr time_point start{std::chrono::seconds{1000}};

class refusal_report : public testing::Test {
 protected:
  refusal_report() { log::set_level(log_level::off); }
  ~refusal_report() override { log::set_level(log_level::info); }

  void refuse(store_refusal kind, const std::string& words) {
    ++totals_.refusals[index_of(kind)];
    said.refused(kind, words, start);
    watch.look(totals_, start);
  }
  /// What stands, and "why; action".
  std::map<std::string, std::string> degradations() const {
    std::map<std::string, std::string> standing;
    assess(watch, said,
           [&](bool stands, std::string_view what, std::string why, const char* action) {
             if (!stands)
               return;
             EXPECT_TRUE(standing.emplace(what, std::move(why) + "; " + action).second) << what;
           });
    return standing;
  }

  refusal_watch watch;
  telemetry::event_log said;

 private:
  refusal_watch::totals totals_;
};

TEST_F(refusal_report, is_empty_where_nothing_is_refused) {
  EXPECT_THAT(degradations(), IsEmpty());
  EXPECT_EQ(health_of(watch, said).status, health_status::pass);
  EXPECT_EQ(health_of(watch, said).observed_value, 0.0);
}

TEST_F(refusal_report, quotes_the_store_and_says_what_follows) {
  refuse(store_refusal::full, "OOM command not allowed");
  refuse(store_refusal::full, "OOM command not allowed");
  EXPECT_THAT(degradations(),
              ElementsAre(Pair("store_full",
                               "the store says: OOM command not allowed (2 times so "
                               "far); turns are answered 507 until it has memory "
                               "again")));
}

TEST_F(refusal_report, has_an_entry_of_its_own_for_each_kind) {
  for (std::size_t i = 0; i < store_refusal_count; ++i)
    refuse(static_cast<store_refusal>(i), std::string{store_refusal_labels[i]});
  EXPECT_EQ(degradations().size(), store_refusal_count);
  for (std::size_t i = 0; i + 1 < store_refusal_count; ++i)
    EXPECT_THAT(degradations().at("store_" + std::string{store_refusal_labels[i]}),
                HasSubstr("the store says: " + std::string{store_refusal_labels[i]}));
  EXPECT_EQ(health_of(watch, said).observed_value, 11.0);
}

TEST_F(refusal_report, warns_and_does_not_fail_since_the_next_instance_shares_the_store) {
  refuse(store_refusal::full, "OOM command not allowed");
  refuse(store_refusal::busy, "BUSY Redis is busy");
  EXPECT_EQ(health_of(watch, said).status, health_status::warn);
  EXPECT_EQ(health_of(watch, said).output, "OOM command not allowed; BUSY Redis is busy");
}

}  // namespace
}  // namespace turnomatic::app
