#include "app/refusal_report.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace turnomatic::app {

void assess(const refusal_watch& refusals, const telemetry::event_log& said,
            const store::noter& tell) {
  using kind = store_refusal;
  const auto note = [&](kind which, std::string_view what, const char* action) {
    const bool stands = refusals.stands(which);
    std::string why;
    if (stands)
      why = "the store says: " + said.words_of(which) + " (" +
            std::to_string(refusals.times(which)) + " times so far)";
    tell(stands, what, std::move(why), action);
  };
  constexpr const char* until_it_writes = "turns are answered 503 until it takes writes again";
  constexpr const char* asked_again =
      "turns are asked for again, and answered 503 when that does not help";
  constexpr const char* until_it_lets_in = "connecting is tried again";
  constexpr const char* answered_503 = "what it was asked for is answered 503";
  note(kind::full, "store_full", "turns are answered 507 until it has memory again");
  note(kind::misconf, "store_misconf", until_it_writes);
  note(kind::busy, "store_busy", asked_again);
  note(kind::noreplicas, "store_noreplicas", until_it_writes);
  note(kind::readonly, "store_readonly",
       "the connection is ended, and the primary looked for again");
  note(kind::loading, "store_loading", until_it_lets_in);
  note(kind::clusterdown, "store_clusterdown", asked_again);
  note(kind::auth, "store_auth", until_it_lets_in);
  note(kind::noperm, "store_noperm", answered_503);
  note(kind::maxclients, "store_maxclients", until_it_lets_in);
  note(kind::other, "store_refuses", answered_503);
}

health_check health_of(const refusal_watch& refusals, const telemetry::event_log& said) {
  health_check check{"store:refusals", "datastore", health_status::pass, 0.0, "kinds", {}};
  double standing = 0;
  for (std::size_t i = 0; i < store_refusal_count; ++i) {
    const auto kind = static_cast<store_refusal>(i);
    if (!refusals.stands(kind))
      continue;
    ++standing;
    check.status = health_status::warn;
    check.output += (check.output.empty() ? "" : "; ") + said.words_of(kind);
  }
  check.observed_value = standing;
  return check;
}

}  // namespace turnomatic::app
