#include "backend/redis/refusal_table.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string_view>
#include <utility>

namespace turnomatic::redis {
namespace {

// As Redis 7.0 says them.
constexpr std::pair<std::string_view, store_refusal> refusals[] = {
    {"OOM command not allowed when used memory > 'maxmemory'.", store_refusal::full},
    {"OOM command not allowed when used memory > 'maxmemory'. script: t_take, on @user_function:7.",
     store_refusal::full},
    {"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to "
     "disk.",
     store_refusal::misconf},
    {"MISCONF Errors writing to the AOF file: No space left on device", store_refusal::misconf},
    {"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
     store_refusal::busy},
    {"NOREPLICAS Not enough good replicas to write.", store_refusal::noreplicas},
    {"READONLY You can't write against a read only replica.", store_refusal::readonly},
    {"UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
     store_refusal::readonly},
    {"LOADING Redis is loading the dataset in memory", store_refusal::loading},
    {"CLUSTERDOWN The cluster is down", store_refusal::clusterdown},
    {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
     store_refusal::clusterdown},
    {"NOAUTH Authentication required.", store_refusal::auth},
    {"WRONGPASS invalid username-password pair or user is disabled.", store_refusal::auth},
    {"ERR AUTH <password> called without any password configured for the default user. Are you "
     "sure your configuration is correct?",
     store_refusal::auth},
    {"NOPERM this user has no permissions to run the 'fcall' command", store_refusal::noperm},
    {"ERR max number of clients reached", store_refusal::maxclients},
    {"WRONGTYPE Operation against a key holding the wrong kind of value", store_refusal::other},
    {"ERR unknown command 'FCALL'", store_refusal::other},
    {"BUSYKEY Target key name already exists.", store_refusal::other},
    {"oom", store_refusal::other},
    {"OOM", store_refusal::full},
    {"O", store_refusal::other},
    {"", store_refusal::other},
};

TEST(refusal_table, knows_what_redis_says) {
  for (const auto& [error, kind] : refusals)
    EXPECT_EQ(refusal_of(error), kind) << error;
}

TEST(refusal_table, has_a_kind_for_each_of_its_rows) {
  for (const refusal_row& row : refusal_table()) {
    EXPECT_EQ(refusal_of(row.beginning), row.kind) << row.beginning;
    EXPECT_NE(row.kind, store_refusal::other) << row.beginning;
  }
}

TEST(refusal_table, has_a_row_for_each_kind_and_this_test_for_each_row) {
  std::set<store_refusal> kinds{store_refusal::other};
  std::set<std::string_view> tested;
  for (const refusal_row& row : refusal_table()) {
    kinds.insert(row.kind);
    for (const auto& [error, kind] : refusals)
      if (error.size() > row.beginning.size() && error.starts_with(row.beginning) &&
          kind == row.kind)
        tested.insert(row.beginning);
  }
  EXPECT_EQ(kinds.size(), store_refusal_count);
  EXPECT_EQ(tested.size(), refusal_table().size());
}

}  // namespace
}  // namespace turnomatic::redis
