#include "http/operations_handler.hpp"

#include "core/date_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

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

std::string_view name_of(readiness_state state) {
  switch (state) {
    case readiness_state::ready:
      return "ready";
    case readiness_state::starting:
      return "starting";
    case readiness_state::draining:
      return "draining";
    case readiness_state::shedding:
      return "shedding";
    case readiness_state::unsafe_to_count:
      return "unsafe to count";
  }
  return "starting";
}

operations_answer answer_livez(const operations_source& source) {
  if (source.live())
    return {200, "application/json", R"({"live":true})"};
  return {503, "application/json", R"({"live":false,"reason":"an event loop does not turn"})"};
}

operations_answer answer_readyz(audience who, const operations_source& source) {
  const readiness found = source.ready();
  if (found.ready())
    return {200, "application/json", R"({"ready":true})"};
  json document{{"ready", false}, {"reason", name_of(found.state)}};
  if (who == audience::operators && !found.detail.empty())
    document["detail"] = found.detail;
  return {503, "application/json", dump(document)};
}

json entry_of(const health_check& check, audience who) {
  if (who == audience::callers)
    return {{"status", name_of(check.status)}};
  json entry{{"componentType", check.component_type}};
  if (check.observed_value) {
    entry["observedValue"] = *check.observed_value;
    entry["observedUnit"] = check.observed_unit;
  }
  entry["status"] = name_of(check.status);
  entry["time"] = rfc3339(std::chrono::system_clock::now());
  if (!check.output.empty())
    entry["output"] = check.output;
  return entry;
}

health_status worst_of(const std::vector<health_check>& checks) {
  health_status worst = health_status::pass;
  for (const health_check& each : checks)
    worst = std::max(worst, each.status);
  return worst;
}

// draft-inadarei-api-health-check-06.
operations_answer answer_health(audience who, const operations_source& source) {
  const std::vector<health_check> found = source.health();
  const health_status worst = worst_of(found);
  json checks = json::object();
  for (const health_check& check : found)
    checks[check.name].push_back(entry_of(check, who));
  const json document{{"status", name_of(worst)}, {"serviceId", "turnomatic"}, {"checks", checks}};
  return {static_cast<std::uint16_t>(worst == health_status::fail ? 503 : 200),
          "application/health+json", dump(document)};
}

json list_of(const std::vector<degradation>& entries, audience who) {
  json list = json::array();
  for (const degradation& entry : entries) {
    json line{{"what", entry.what}, {"since", rfc3339(entry.since)}};
    if (who == audience::operators) {
      line["why"] = entry.why;
      line["action"] = entry.action;
    }
    list.push_back(std::move(line));
  }
  return list;
}

// docs/health.md says who may do what in which of them.
std::string_view state_of(health_status worst, const readiness& found, bool degraded) {
  if (worst == health_status::fail || !found.ready())
    return "unhealthy";
  return worst == health_status::warn || degraded ? "degraded" : "healthy";
}

}  // namespace

operations_answer answer_operations(route which, audience who, const operations_source& source) {
  switch (which) {
    case route::livez:
      return answer_livez(source);
    case route::readyz:
      return answer_readyz(who, source);
    case route::health:
      return answer_health(who, source);
    case route::degraded:
      return {200, "application/json", dump(list_of(source.degraded(), who))};
    case route::metrics:
      return {200, "text/plain; version=0.0.4; charset=utf-8", source.metrics()};
    case route::health_stream:
      return {200, "text/event-stream", {}};
    case route::turn:
    case route::admin:
    case route::unknown:
      break;
  }
  return {404, "application/json", "{}"};
}

event_feed::snapshot health_now(const operations_source& source) {
  const std::vector<health_check> found = source.health();
  const health_status worst = worst_of(found);
  json checks = json::object();
  for (const health_check& check : found)
    checks[check.name] = name_of(check.status);
  const readiness ready = source.ready();
  const std::vector<degradation> degraded = source.degraded();
  json document{{"state", state_of(worst, ready, !degraded.empty())},
                {"status", name_of(worst)},
                {"readiness", name_of(ready.state)},
                {"checks", checks},
                {"degraded", list_of(degraded, audience::callers)}};
  event_feed::snapshot now{{}, dump(document)};
  document["time"] = rfc3339(std::chrono::system_clock::now());
  document["degraded"] = list_of(degraded, audience::operators);
  now.data = dump(document);
  return now;
}

}  // namespace turnomatic::http
