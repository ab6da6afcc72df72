#include "backend/redis/shard/refusal_table.hpp"

#include <algorithm>
#include <array>

namespace turnomatic::redis {
namespace {

constexpr std::string_view full_cure =
    "the store is full: raise its maxmemory or move other data elsewhere, and never set an "
    "eviction policy, for an evicted counter starts again at 1";
constexpr std::string_view misconf_cure =
    "the store cannot write to its disk and takes no writes until it can: make room on the disk "
    "and look at its log";
constexpr std::string_view busy_cure =
    "a script has kept the store busy for too long: let it end, or end it with SCRIPT KILL";
constexpr std::string_view noreplicas_cure =
    "the store has fewer replicas than its min-replicas-to-write asks for: bring one back";
constexpr std::string_view readonly_cure =
    "this server is a replica: redis.url must lead to the primary, or to sentinels that know it";
constexpr std::string_view loading_cure =
    "the store is still reading its data: it answers when it has done so";
constexpr std::string_view masterdown_cure =
    "this server is a replica that has lost its primary: redis.url must lead to the primary, or to "
    "sentinels that know it";
constexpr std::string_view clusterdown_cure =
    "the cluster does not serve these keys: look at CLUSTER INFO, and bring back the primary whose "
    "slots are missing";
constexpr std::string_view tryagain_cure =
    "a slot of the cluster is being moved: it ends when the slot has arrived";
constexpr std::string_view noauth_cure =
    "the store asks for a login: set redis.password_file, or a user and password in redis.url";
constexpr std::string_view wrongpass_cure =
    "the login is wrong or the user is disabled: correct the user in redis.url and the password in "
    "redis.password_file, which is read again at each connection";
constexpr std::string_view no_password_cure =
    "the store has no password for this user: leave it out of redis.url and redis.password_file, "
    "or set it in the store with ACL SETUSER or requirepass";
constexpr std::string_view no_users_cure =
    "this store knows passwords but no users: leave the user out of redis.url, or let a store of "
    "Redis 6 or newer hold the counters";
constexpr std::string_view protected_cure =
    "the store is in protected mode and takes no connections from other hosts: give it a password, "
    "or set protected-mode to no where its network is closed to others";
constexpr std::string_view noperm_cure =
    "the user lacks rights: ACL SETUSER must give it the keys ~PREFIX:*, where PREFIX is "
    "redis.prefix, and +evalsha +script|load +get +set +exists +pexpire +time +hget +hset +hdel "
    "+hmget +hgetall +hincrby +hlen +hscan +info +ping +select +wait +config|get +client|setname";
constexpr std::string_view maxclients_cure =
    "the store has no place for a further connection: raise its maxclients, or find out with "
    "CLIENT LIST who holds them";
constexpr std::string_view unknown_command_cure =
    "the store does not know the command, or it was renamed there: the counters need Redis 5 or "
    "newer or a relative that has EVALSHA and SCRIPT LOAD";
constexpr std::string_view no_database_cure =
    "the store has no database of this number: correct the one at the end of redis.url, or raise "
    "the store's databases";
constexpr std::string_view wrong_type_cure =
    "a key of the store holds something else than turnomatic writes: find out which program uses "
    "the same redis.prefix in this database";
constexpr std::string_view script_cure =
    "the scripts were removed from this store; they are loaded again with the next connection";
constexpr std::string_view other_cure =
    "the store answered with an error that is not known here: its own words and its log tell why";

using enum refusal_action;

// Sources: Redis 5.0, 6.0, 6.2, 7.0, 7.2 and Valkey 8.0; src/server.c unless another file is named.
// What each says is the same but for words that are not looked at.
//
// Within a script the store refuses a write as out of memory only if the script has written nothing
// (scripting.c; script.c, scriptVerifyOOM), and READONLY, MISCONF and NOREPLICAS either likewise
// (script.c, scriptVerifyWriteCommandAllow) or by what cannot change while a script runs
// (scripting.c). So these are certain. A right that is missing is found out command by command, and
// may be missing after some of the script's commands have written.
constexpr std::array table{
    refusal_row{"OOM", store_refusal::full, fail, errc::store_full, full_cure},
    refusal_row{"MISCONF", store_refusal::misconf, wait, errc::unavailable, misconf_cure},
    refusal_row{"BUSY", store_refusal::busy, wait, errc::unavailable, busy_cure},
    refusal_row{"NOREPLICAS", store_refusal::noreplicas, wait, errc::unavailable, noreplicas_cure},
    refusal_row{"LOADING", store_refusal::loading, wait, errc::unavailable, loading_cure},
    // cluster.c, clusterRedirectClient.
    refusal_row{"CLUSTERDOWN", store_refusal::clusterdown, wait, errc::unavailable,
                clusterdown_cure},
    refusal_row{"TRYAGAIN", store_refusal::clusterdown, wait, errc::unavailable, tryagain_cure},
    refusal_row{"READONLY", store_refusal::readonly, reconnect, errc::unavailable, readonly_cure},
    // blocked.c: of WAIT, to a server that has become a replica, which then closes the connection.
    refusal_row{"UNBLOCKED", store_refusal::readonly, reconnect, errc::unavailable, readonly_cure},
    // Only a replica says this, and goes on saying it for as long as its primary is away.
    refusal_row{"MASTERDOWN", store_refusal::clusterdown, reconnect, errc::unavailable,
                masterdown_cure},
    refusal_row{"NOSCRIPT", store_refusal::other, reconnect, errc::unavailable, script_cure},
    refusal_row{"NOAUTH", store_refusal::auth, fail, errc::unavailable, noauth_cure},
    // acl.c since 6.0; before, server.c: "invalid password".
    refusal_row{"WRONGPASS", store_refusal::auth, fail, errc::unavailable, wrongpass_cure},
    refusal_row{"ERR invalid password", store_refusal::auth, fail, errc::unavailable,
                wrongpass_cure},
    // acl.c since 6.0, "AUTH <password> called without any password"; before, server.c.
    refusal_row{"ERR AUTH", store_refusal::auth, fail, errc::unavailable, no_password_cure},
    refusal_row{"ERR Client sent AUTH,", store_refusal::auth, fail, errc::unavailable,
                no_password_cure},
    // 5.0, to AUTH with a user.
    refusal_row{"ERR wrong number of arguments for 'auth'", store_refusal::auth, fail,
                errc::unavailable, no_users_cure},
    // networking.c, before the first command; the connection is closed.
    refusal_row{"DENIED", store_refusal::auth, fail, errc::unavailable, protected_cure},
    refusal_row{"ERR max number of clients", store_refusal::maxclients, wait, errc::unavailable,
                maxclients_cure},
    refusal_row{"NOPERM", store_refusal::noperm, fail, errc::unavailable, noperm_cure},
    // Within a script: scripting.c of 6.0 and 6.2, script.c of 7.0; script.c since 7.2.
    refusal_row{"The user executing the script", store_refusal::noperm, unknown, errc::unavailable,
                noperm_cure},
    refusal_row{"ERR The user executing the script", store_refusal::noperm, unknown,
                errc::unavailable, noperm_cure},
    refusal_row{"ERR ACL failure in script:", store_refusal::noperm, unknown, errc::unavailable,
                noperm_cure},
    // Also where it was renamed, as some that host Redis do.
    refusal_row{"ERR unknown command", store_refusal::other, fail, errc::unavailable,
                unknown_command_cure},
    // db.c, selectCommand.
    refusal_row{"ERR DB index is out of range", store_refusal::other, fail, errc::unavailable,
                no_database_cure},
    refusal_row{"WRONGTYPE", store_refusal::other, unknown, errc::unavailable, wrong_type_cure},
};

constexpr refusal_row any_other{{}, store_refusal::other, unknown, errc::unavailable, other_cure};

// "BUSY" must not take "BUSYKEY" for its own.
constexpr bool fits(std::string_view error, std::string_view beginning) noexcept {
  return error.starts_with(beginning) &&
         (error.size() == beginning.size() || error[beginning.size()] == ' ');
}

// "@user_script:7: " or "@user_script: 7: ", or nothing.
std::string_view place_at_front(std::string_view text) noexcept {
  constexpr std::string_view source = "@user_script:";
  if (!text.starts_with(source))
    return {};
  const auto digits = text.find_first_not_of(' ', source.size());
  const auto end = std::min(text.find_first_not_of("0123456789", digits), text.size());
  constexpr std::string_view mark = ": ";
  return text.substr(end).starts_with(mark) ? text.substr(0, end + mark.size())
                                            : std::string_view{};
}

}  // namespace

std::span<const refusal_row> refusal_table() noexcept {
  return table;
}

std::string_view without_script(std::string_view error) noexcept {
  std::string_view text = error;
  if (text.starts_with("ERR Error running script (call to ")) {
    constexpr std::string_view mark = "): ";
    const auto end = text.find(mark);
    if (end == std::string_view::npos)
      return error;
    text.remove_prefix(end + mark.size());
  }
  while (true) {
    const std::string_view place = place_at_front(text);
    if (place.empty())
      break;
    text.remove_prefix(place.size());
  }
  // A prepared reply, with the '-' that makes it an error.
  if (text.size() != error.size() && text.starts_with('-'))
    text.remove_prefix(1);
  return text;
}

const refusal_row& refusal_of(std::string_view error) noexcept {
  const std::string_view text = without_script(error);
  const auto* const row = std::ranges::find_if(
      table, [text](const refusal_row& each) { return fits(text, each.beginning); });
  return row == table.end() ? any_other : *row;
}

}  // namespace turnomatic::redis
