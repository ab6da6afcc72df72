#include "app/refusal_report.hpp"

#include <cstddef>
#include <string>

namespace turnomatic::app {

void assess(const refusal_watch& refusals, const telemetry::event_log& said,
            const store::noter& note) {
  using kind = store_refusal;
  const auto why = [&](kind which) {
    if (!refusals.stands(which))
      return std::string{};
    return "the store says: " + said.words_of(which) + " (" +
           std::to_string(refusals.times(which)) + " times so far)";
  };
  constexpr const char* until_it_writes = "turns are answered 503 until it takes writes again";
  constexpr const char* until_it_lets_in = "connecting is tried again";
  note(refusals.stands(kind::full), "store_full", why(kind::full),
       "turns are answered 507 until it has memory again");
  note(refusals.stands(kind::misconf), "store_misconf", why(kind::misconf), until_it_writes);
  note(refusals.stands(kind::busy), "store_busy", why(kind::busy),
       "turns are asked for again, and answered 503 when that does not help");
  note(refusals.stands(kind::noreplicas), "store_noreplicas", why(kind::noreplicas),
       until_it_writes);
  note(refusals.stands(kind::readonly), "store_readonly", why(kind::readonly),
       "the connection is ended, and the primary looked for again");
  note(refusals.stands(kind::loading), "store_loading", why(kind::loading), until_it_lets_in);
  note(refusals.stands(kind::clusterdown), "store_clusterdown", why(kind::clusterdown),
       "turns are asked for again, and answered 503 when that does not help");
  note(refusals.stands(kind::auth), "store_auth", why(kind::auth), until_it_lets_in);
  note(refusals.stands(kind::noperm), "store_noperm", why(kind::noperm),
       "what it was asked for is answered 503");
  note(refusals.stands(kind::maxclients), "store_maxclients", why(kind::maxclients),
       until_it_lets_in);
  note(refusals.stands(kind::other), "store_refuses", why(kind::other),
       "what it was asked for is answered 503");
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
