#include "backend/redis/refusal_table.hpp"

#include <algorithm>
#include <array>

namespace turnomatic::redis {
namespace {

// Redis and its relatives (src/server.c, networking.c, acl.c, cluster.c of 7.0). An error of a
// command within a function or a script begins as it would outside.
constexpr std::array<refusal_row, 14> table{{
    {"OOM", store_refusal::full},
    {"MISCONF", store_refusal::misconf},
    {"BUSY", store_refusal::busy},
    {"NOREPLICAS", store_refusal::noreplicas},
    {"READONLY", store_refusal::readonly},
    {"UNBLOCKED", store_refusal::readonly},
    {"LOADING", store_refusal::loading},
    {"CLUSTERDOWN", store_refusal::clusterdown},
    {"MASTERDOWN", store_refusal::clusterdown},
    {"NOAUTH", store_refusal::auth},
    {"WRONGPASS", store_refusal::auth},
    {"ERR AUTH", store_refusal::auth},
    {"NOPERM", store_refusal::noperm},
    {"ERR max number of clients", store_refusal::maxclients},
}};

// "BUSY" must not take "BUSYKEY" for its own.
bool fits(std::string_view error, std::string_view beginning) noexcept {
  return error.starts_with(beginning) &&
         (error.size() == beginning.size() || error[beginning.size()] == ' ');
}

}  // namespace

std::span<const refusal_row> refusal_table() noexcept {
  return table;
}

store_refusal refusal_of(std::string_view error) noexcept {
  const auto row = std::ranges::find_if(
      table, [error](const refusal_row& each) { return fits(error, each.beginning); });
  return row == table.end() ? store_refusal::other : row->kind;
}

}  // namespace turnomatic::redis
