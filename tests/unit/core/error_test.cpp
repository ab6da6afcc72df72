#include <turnomatic/error.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace turnomatic {
namespace {

struct row {
  errc error;
  error_class expected;
};

class every_error : public testing::TestWithParam<row> {};

TEST_P(every_error, is_classified_by_what_the_caller_may_do) {
  EXPECT_EQ(classify(make_error_code(GetParam().error)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(table, every_error,
                         testing::Values(row{errc::counter_exhausted, error_class::permanent},
                                         row{errc::store_full, error_class::permanent},
                                         row{errc::store_behind, error_class::permanent},
                                         row{errc::too_many_new_ids, error_class::retryable},
                                         row{errc::unavailable, error_class::retryable},
                                         row{errc::breaker_open, error_class::retryable},
                                         row{errc::deadline_passed, error_class::retryable},
                                         row{errc::overloaded, error_class::retryable},
                                         row{errc::draining, error_class::retryable},
                                         row{errc::counter_ahead, error_class::permanent},
                                         row{errc::counter_moved, error_class::permanent},
                                         row{errc::not_supported, error_class::permanent},
                                         row{errc::outcome_unknown, error_class::outcome_unknown}));

TEST(error, of_a_foreign_category_leaves_the_outcome_unknown) {
  const boost::system::error_code foreign{ECONNRESET, boost::system::system_category()};
  EXPECT_EQ(classify(foreign), error_class::outcome_unknown);
}

TEST(error, has_a_message_of_its_own) {
  std::set<std::string> messages;
  for (int value = 1; value <= static_cast<int>(errc::not_supported); ++value)
    messages.insert(turnomatic_category().message(value));
  EXPECT_EQ(messages.size(), static_cast<std::size_t>(errc::not_supported));
  EXPECT_EQ(messages.count("unknown error"), 0U);
}

}  // namespace
}  // namespace turnomatic
