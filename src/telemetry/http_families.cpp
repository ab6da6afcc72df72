#include "telemetry/metric_families.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace turnomatic::telemetry {
namespace {

// Alerts divide the rates of these, and a rate needs a series that was there before the
// first error: they exist from the start. The others appear once they have counted.
constexpr std::array<std::uint16_t, 6> turn_codes_from_the_start{200, 400, 409, 429, 503, 507};

bool exists_from_the_start(std::size_t route, std::size_t method, std::size_t status) {
  if (route != index_of(route::turn) || method == index_of(method_label::other))
    return false;
  return std::ranges::any_of(turn_codes_from_the_start,
                             [&](std::uint16_t code) { return status_index(code) == status; });
}

template <std::size_t Count>
std::uint64_t sum(const std::array<std::uint64_t, Count>& values) {
  return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

template <std::size_t Count>
void add_by_reason(family_writer& family, const std::array<std::uint64_t, Count>& values,
                   const std::array<std::string_view, Count>& labels) {
  for (std::size_t i = 0; i < Count; ++i)
    family.add(values[i], {{"reason", labels[i]}});
}

}  // namespace

void append_request_families(const metric_totals& totals, family_list& out) {
  auto requests = family_writer::counter(out, "http_requests_total",
                                         "Requests answered, by method, route and status code.");
  for (std::size_t route = 0; route < route_count; ++route) {
    for (std::size_t method = 0; method < method_label_count; ++method) {
      for (std::size_t status = 0; status < status_count; ++status) {
        const std::uint64_t count = totals.requests[route][method][status];
        if (count == 0 && !exists_from_the_start(route, method, status))
          continue;
        requests.add(count, {{"method", method_labels[method]},
                             {"route", route_labels[route]},
                             {"code", status_labels[status]}});
      }
    }
  }

  auto latency = family_writer::histogram(
      out, "http_request_duration_seconds",
      "Time from the arrival of a request's last byte to the hand-over of its answer to the "
      "kernel, by route.");
  for (std::size_t route = 0; route < route_count; ++route) {
    const auto& values = totals.latency[route];
    if (route != index_of(route::turn) && sum(values.buckets) == 0)
      continue;
    latency.add(values, {{"route", route_labels[route]}});
  }

  auto rejections = family_writer::counter(
      out, "turnomatic_http_rejections_total",
      "Requests refused before they were routed, by reason. Each took no turn.");
  add_by_reason(rejections, totals.rejections, rejection_labels);
}

void append_connection_families(const metric_totals& totals, const instance_state& state,
                                family_list& out) {
  family_writer::gauge(out, "turnomatic_http_connections",
                       "Connections of callers that are open now and have a place.")
      .add(state.connections);
  family_writer::gauge(out, "turnomatic_http_connections_limit",
                       "Connections of callers that may be open at once.")
      .add(state.connections_limit);
  family_writer::counter(out, "turnomatic_http_connections_opened_total", "Connections accepted.")
      .add(totals.connections_opened);

  auto closings = family_writer::counter(out, "turnomatic_http_connections_closed_total",
                                         "Connections that ended, by reason.");
  add_by_reason(closings, totals.connections_closed, close_reason_labels);

  auto refusals = family_writer::counter(out, "turnomatic_http_connections_refused_total",
                                         "Connections turned away, by reason.");
  add_by_reason(refusals, totals.connections_refused, refusal_labels);
}

void append_worker_families(const std::vector<worker_share>& shares, family_list& out) {
  auto connections =
      family_writer::gauge(out, "turnomatic_worker_connections",
                           "Connections that are open now, by the thread that serves them.");
  for (const worker_share& each : shares)
    connections.add(each.connections, {{"worker", each.name}});
  auto turns = family_writer::counter(out, "turnomatic_worker_turns_total",
                                      "Turns handed to the kernel, by the thread that did.");
  for (const worker_share& each : shares)
    turns.add(each.turns, {{"worker", each.name}});
}

}  // namespace turnomatic::telemetry
