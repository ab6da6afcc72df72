#include "backend/redis/shard/refusal_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace turnomatic::redis {
namespace {

using enum refusal_action;

struct refusal {
  std::string_view error;
  store_refusal kind;
  refusal_action action;
  errc fails_as{errc::unavailable};
};

// As stores say them: Redis 7.0 unless another is named.
constexpr refusal refusals[] = {
    {"OOM command not allowed when used memory > 'maxmemory'.", store_refusal::full, fail,
     errc::store_full},
    {"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to "
     "disk. Commands that may modify the data set are disabled",
     store_refusal::misconf, wait},
    {"MISCONF Errors writing to the AOF file: No space left on device", store_refusal::misconf,
     wait},
    {"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
     store_refusal::busy, wait},
    {"BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
     store_refusal::busy, wait},
    {"NOREPLICAS Not enough good replicas to write.", store_refusal::noreplicas, wait},
    {"LOADING Redis is loading the dataset in memory", store_refusal::loading, wait},
    {"LOADING Valkey is loading the dataset in memory", store_refusal::loading, wait},
    {"CLUSTERDOWN The cluster is down", store_refusal::clusterdown, wait},
    {"CLUSTERDOWN Hash slot not served", store_refusal::clusterdown, wait},
    {"TRYAGAIN Multiple keys request during rehashing of slot", store_refusal::clusterdown, wait},
    {"READONLY You can't write against a read only replica.", store_refusal::readonly, reconnect},
    {"UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
     store_refusal::readonly, reconnect},
    {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
     store_refusal::clusterdown, reconnect},
    {"NOSCRIPT No matching script. Please use EVAL.", store_refusal::other, reconnect},
    {"NOSCRIPT No matching script.", store_refusal::other, reconnect},  // Valkey 8
    {"NOAUTH Authentication required.", store_refusal::auth, fail},
    {"WRONGPASS invalid username-password pair or user is disabled.", store_refusal::auth, fail},
    {"WRONGPASS invalid username-password pair", store_refusal::auth, fail},  // 6.0
    {"ERR invalid password", store_refusal::auth, fail},                      // 5.0
    {"ERR AUTH <password> called without any password configured for the default user. Are you "
     "sure your configuration is correct?",
     store_refusal::auth, fail},
    {"ERR Client sent AUTH, but no password is set", store_refusal::auth, fail},      // 5.0
    {"ERR wrong number of arguments for 'auth' command", store_refusal::auth, fail},  // 5.0
    {"DENIED Redis is running in protected mode because protected mode is enabled",
     store_refusal::auth, fail},
    {"ERR max number of clients reached", store_refusal::maxclients, wait},
    {"ERR max number of clients + cluster connections reached", store_refusal::maxclients, wait},
    {"NOPERM this user has no permissions to run the 'evalsha' command", store_refusal::noperm,
     fail},
    {"NOPERM User clerk has no permissions to run the 'evalsha' command", store_refusal::noperm,
     fail},  // 7.2
    {"NOPERM this user has no permissions to access one of the keys used as arguments",
     store_refusal::noperm, fail},
    {"ERR unknown command 'EVALSHA', with args beginning with: 'a' ", store_refusal::other, fail},
    {"ERR unknown command `EVALSHA`, with args beginning with: `a`, ", store_refusal::other,
     fail},  // 5.0
    {"ERR DB index is out of range", store_refusal::other, fail},
    {"WRONGTYPE Operation against a key holding the wrong kind of value", store_refusal::other,
     unknown},

    // An error of a command within a script, as the reply to EVALSHA.
    {"ERR Error running script (call to f_9e8bed4ba201e97de5cb7fde55afc65166e647bd): "
     "@user_script:7: @user_script: 7: -OOM command not allowed when used memory > 'maxmemory'.  ",
     store_refusal::full, fail, errc::store_full},  // 5.0, 6.2
    {"OOM command not allowed when used memory > 'maxmemory'. script: "
     "9e8bed4ba201e97de5cb7fde55afc65166e647bd, on @user_script:1.",
     store_refusal::full, fail, errc::store_full},
    {"ERR Error running script (call to f_9e8bed4ba201e97de5cb7fde55afc65166e647bd): "
     "@user_script:7: @user_script: 7: -READONLY You can't write against a read only replica.  ",
     store_refusal::readonly, reconnect},  // 5.0, 6.2
    {"ERR Error running script (call to f_9e8bed4ba201e97de5cb7fde55afc65166e647bd): "
     "@user_script:7: @user_script: 7: -MISCONF Errors writing to the AOF file: No space left  ",
     store_refusal::misconf, wait},  // 5.0, 6.2
    {"ERR Error running script (call to f_9e8bed4ba201e97de5cb7fde55afc65166e647bd): "
     "@user_script:7: @user_script: 7: -NOREPLICAS Not enough good replicas to write.  ",
     store_refusal::noreplicas, wait},  // 6.0, 6.2
    {"ERR Error running script (call to f_9e8bed4ba201e97de5cb7fde55afc65166e647bd): "
     "@user_script:7: @user_script: 7: The user executing the script can't run this command or "
     "subcommand ",
     store_refusal::noperm, unknown},  // 6.0, 6.2
    {"ERR The user executing the script can't run this command or subcommand script: "
     "9e8bed4ba201e97de5cb7fde55afc65166e647bd, on @user_script:1.",
     store_refusal::noperm, unknown},
    {"ERR ACL failure in script: User clerk has no permissions to run the 'set' command script: "
     "9e8bed4ba201e97de5cb7fde55afc65166e647bd, on @user_script:1.",
     store_refusal::noperm, unknown},  // 7.2, Valkey 8
    {"ERR Error running script (call to f_9e8bed4ba201e97de5cb7fde55afc65166e647bd): "
     "@user_script:7: WRONGTYPE Operation against a key holding the wrong kind of value ",
     store_refusal::other, unknown},  // 5.0, 6.2

    // The same, caught by the script.
    {"@user_script: 108: -OOM command not allowed when used memory > 'maxmemory'.\r\n",
     store_refusal::full, fail, errc::store_full},  // 5.0, 6.2
    {"@user_script: 108: -READONLY You can't write against a read only replica.\r\n",
     store_refusal::readonly, reconnect},  // 5.0, 6.2
    {"@user_script: 108: The user executing the script can't run this command or subcommand",
     store_refusal::noperm, unknown},  // 6.0, 6.2
    {"WRONGTYPE Operation against a key holding the wrong kind of value", store_refusal::other,
     unknown},

    // What no row fits.
    {"ERR Error running script (call to f_9e8bed4ba201e97de5cb7fde55afc65166e647bd): "
     "@user_script:7: user_script:7: attempt to index a nil value ",
     store_refusal::other, unknown},
    {"ERR Error running script (call to f_9e8bed4ba201e97de5cb7fde55afc65166e647bd",
     store_refusal::other, unknown},
    {"ERR syntax error", store_refusal::other, unknown},
    {"BUSYKEY Target key name already exists.", store_refusal::other, unknown},
    {"TURNOMATIC the name of this lane was used before", store_refusal::other, unknown},
    {"ERR -OOM", store_refusal::other, unknown},
    {"-OOM", store_refusal::other, unknown},
    {"@user_script:", store_refusal::other, unknown},
    {"@user_script:7", store_refusal::other, unknown},
    {"@user_script:7: ", store_refusal::other, unknown},
    {"oom", store_refusal::other, unknown},
    {"OOM", store_refusal::full, fail, errc::store_full},
    {"O", store_refusal::other, unknown},
    {"", store_refusal::other, unknown},
};

TEST(refusal_table, knows_what_stores_say) {
  for (const auto& [error, kind, action, fails_as] : refusals) {
    const refusal_row& row = refusal_of(error);
    EXPECT_EQ(row.kind, kind) << error;
    EXPECT_EQ(row.action, action) << error;
    EXPECT_EQ(row.error, fails_as) << error;
  }
}

TEST(refusal_table, hides_no_row_behind_another) {
  for (const refusal_row& row : refusal_table())
    EXPECT_EQ(&refusal_of(row.beginning), &row) << row.beginning;
}

TEST(refusal_table, is_tested_row_by_row_with_what_a_store_says) {
  std::set<const refusal_row*> tested;
  for (const refusal& each : refusals) {
    const refusal_row& row = refusal_of(each.error);
    if (each.error.find(' ') != std::string_view::npos)  // no bare code
      tested.insert(&row);
  }
  for (const refusal_row& row : refusal_table())
    EXPECT_TRUE(tested.contains(&row)) << row.beginning;
}

TEST(refusal_table, has_a_row_for_each_kind) {
  std::set<store_refusal> kinds;
  for (const refusal_row& row : refusal_table())
    kinds.insert(row.kind);
  EXPECT_EQ(kinds.size(), store_refusal_count);
}

TEST(refusal_table, has_a_cure_in_one_sentence_for_each_row) {
  const auto check = [](const refusal_row& row) {
    EXPECT_GT(row.cure.size(), 40U) << row.beginning;
    EXPECT_LT(row.cure.size(), 320U) << row.beginning;
    EXPECT_EQ(row.cure.find(". "), std::string_view::npos) << row.cure;
    EXPECT_FALSE(row.cure.ends_with('.')) << "it is quoted: " << row.cure;
  };
  std::ranges::for_each(refusal_table(), check);
  check(refusal_of("ERR syntax error"));
}

TEST(refusal_table, names_the_rights_that_are_missing) {
  for (const std::string_view right : {"~PREFIX:*", "+evalsha", "+script|load", "+hset", "+wait"})
    EXPECT_NE(refusal_of("NOPERM").cure.find(right), std::string_view::npos) << right;
}

TEST(refusal_table, fails_batches_only_where_nothing_was_executed) {
  for (const refusal_row& row : refusal_table())
    EXPECT_NE(row.error, errc::outcome_unknown) << row.beginning;
}

TEST(without_script, leaves_an_error_of_no_script_as_it_is) {
  for (const std::string_view error :
       {"ERR x", "-x", "@user_scripts:7: x", "@user_script:x: y", ""})
    EXPECT_EQ(without_script(error), error);
}

TEST(without_script, gives_the_error_within) {
  EXPECT_EQ(without_script("ERR Error running script (call to f_0): @user_script:7: "
                           "@user_script: 7: -OOM a (b): c"),
            "OOM a (b): c");
  EXPECT_EQ(without_script("@user_script: 7: -OOM"), "OOM");
}

}  // namespace
}  // namespace turnomatic::redis
