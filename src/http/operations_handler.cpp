#include "http/operations_handler.hpp"

#include "net/text_form.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace turnomatic::http {
namespace {

using json = nlohmann::ordered_json;

// Texts may quote an operating system's message; whatever bytes those hold, the answer is JSON.
std::string dump(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string_view name_of(health_status status) {
  switch (status) {
    case health_status::pass:
      return "pass";
    case health_status::warn:
      return "warn";
    case health_status::fail:
      return "fail";
  }
  return "fail";
}

operations_answer answer_livez(const operations_source& source) {
  if (source.live())
    return {200, "application/json", R"({"live":true})"};
  return {503, "application/json", R"({"live":false,"reason":"an event loop does not turn"})"};
}

operations_answer answer_readyz(const operations_source& source) {
  const readiness state = source.ready();
  if (state.ready)
    return {200, "application/json", R"({"ready":true})"};
  return {503, "application/json", dump({{"ready", false}, {"reason", state.reason}})};
}

// draft-inadarei-api-health-check-06.
operations_answer answer_health(const operations_source& source) {
  health_status worst = health_status::pass;
  json checks = json::object();
  for (const health_check& check : source.health()) {
    worst = std::max(worst, check.status);
    json entry{{"componentType", check.component_type}};
    if (check.observed_value) {
      entry["observedValue"] = *check.observed_value;
      entry["observedUnit"] = check.observed_unit;
    }
    entry["status"] = name_of(check.status);
    entry["time"] = net::rfc3339(std::chrono::system_clock::now());
    if (!check.output.empty())
      entry["output"] = check.output;
    checks[check.name].push_back(std::move(entry));
  }
  const json document{{"status", name_of(worst)}, {"serviceId", "turnomatic"}, {"checks", checks}};
  return {static_cast<std::uint16_t>(worst == health_status::fail ? 503 : 200),
          "application/health+json", dump(document)};
}

operations_answer answer_degraded(const operations_source& source) {
  json list = json::array();
  for (const degradation& entry : source.degraded()) {
    list.push_back({{"what", entry.what},
                    {"since", net::rfc3339(entry.since)},
                    {"why", entry.why},
                    {"action", entry.action}});
  }
  return {200, "application/json", dump(list)};
}

}  // namespace

operations_answer answer_operations(route which, const operations_source& source) {
  switch (which) {
    case route::livez:
      return answer_livez(source);
    case route::readyz:
      return answer_readyz(source);
    case route::health:
      return answer_health(source);
    case route::degraded:
      return answer_degraded(source);
    case route::metrics:
      return {200, "text/plain; version=0.0.4; charset=utf-8", source.metrics()};
    case route::turn:
    case route::admin:
    case route::unknown:
      break;
  }
  return {404, "application/json", "{}"};
}

}  // namespace turnomatic::http
