#include "backend/redis/endpoint/sentinel_cures.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>

namespace turnomatic::redis {
namespace {

// The words of Sentinel are those of Redis, whose sources src/backend/redis/shard/refusal_table.cpp
// names; those of the connection are the dialer's.
constexpr std::array table{
    sentinel_cure{sentinel_knows_no_such_name,
                  "correct the name behind the sentinels in redis.url, or have them watch the "
                  "primary (SENTINEL MONITOR)"},
    sentinel_cure{"NOAUTH",
                  "set redis.sentinel_password_file, and redis.sentinel_user where the sentinels "
                  "have users"},
    sentinel_cure{"WRONGPASS",
                  "correct redis.sentinel_user and the password in redis.sentinel_password_file, "
                  "which is read again at each connection"},
    sentinel_cure{"ERR invalid password",
                  "correct the password in redis.sentinel_password_file, which is read again at "
                  "each connection"},
    sentinel_cure{"ERR AUTH",
                  "leave redis.sentinel_password_file empty, or give the sentinels a password"},
    sentinel_cure{"ERR Client sent AUTH",
                  "leave redis.sentinel_password_file empty, or give the sentinels a password"},
    sentinel_cure{"ERR wrong number of arguments for 'auth'",
                  "leave redis.sentinel_user empty: these sentinels have passwords and no users"},
    sentinel_cure{"NOPERM",
                  "ACL SETUSER must give the user in the sentinels +ping +subscribe "
                  "+sentinel|get-master-addr-by-name +sentinel|master +sentinel|sentinels "
                  "&+switch-master"},
    sentinel_cure{"DENIED",
                  "give the sentinels a password, or set their protected-mode to no where their "
                  "network is closed to others"},
    sentinel_cure{
        "ERR max number of clients",
        "raise maxclients of the sentinels, or find out with CLIENT LIST who is connected"},
    sentinel_cure{"ERR unknown command",
                  "let redis.url name sentinels and no other servers; a Sentinel listens on port "
                  "26379 by default"},
    sentinel_cure{sentinel_says_something_else,
                  "let redis.url name sentinels and no other servers; a Sentinel listens on port "
                  "26379 by default"},
    sentinel_cure{"TLS handshake",
                  "let redis.tls_ca_file hold the authority of the sentinels' certificates, and "
                  "redis.url the hosts that they are made out to; without TLS the URL begins with "
                  "redis+sentinel://"},
    sentinel_cure{"look-up of", "correct the hosts in redis.url, or the names' addresses"},
    sentinel_cure{"the server closed the connection",
                  "look into the sentinels' logs; with TLS the URL begins with rediss+sentinel://"},
    sentinel_cure{"Connection reset",
                  "look into the sentinels' logs; with TLS the URL begins with rediss+sentinel://"},
    sentinel_cure{sentinel_is_behind, "let the sentinels reach each other"},
    sentinel_cure{
        "TCP connect",
        "start the sentinels, let the network through, or correct the hosts in redis.url"},
    sentinel_cure{sentinel_is_silent,
                  "look after the sentinels that are silent; with TLS the URL begins with "
                  "rediss+sentinel://"},
    sentinel_cure{sentinel_was_not_asked, "raise redis.connect_timeout"},
    sentinel_cure{"", "look into the sentinels' logs"},
};

}  // namespace

std::span<const sentinel_cure> sentinel_cures() noexcept {
  return table;
}

std::vector<std::string> cures_of(std::span<const std::string> reasons) {
  const std::span<const sentinel_cure> rows = sentinel_cures();
  std::set<std::size_t> fitting;
  for (const std::string& reason : reasons) {
    const auto row = std::ranges::find_if(
        rows, [&](const sentinel_cure& each) { return reason.starts_with(each.beginning); });
    fitting.insert(static_cast<std::size_t>(row - rows.begin()));
  }
  std::vector<std::string> cures;
  for (const std::size_t row : fitting) {
    if (std::ranges::find(cures, rows[row].cure) == cures.end())
      cures.emplace_back(rows[row].cure);
  }
  return cures;
}

}  // namespace turnomatic::redis
