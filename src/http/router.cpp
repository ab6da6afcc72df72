#include "http/router.hpp"

namespace turnomatic::http {

route_match match_route(std::string_view path, audience who) noexcept {
  constexpr std::string_view turn_prefix = "/turno/";
  if (path.starts_with(turn_prefix)) {
    const std::string_view segment = path.substr(turn_prefix.size());
    if (who == audience::operators || segment.find('/') != std::string_view::npos)
      return {route::unknown};
    return {route::turn, counter_id::from_path_segment(segment)};
  }
  constexpr std::string_view admin_prefix = "/admin/";
  if (path.starts_with(admin_prefix) && who == audience::operators)
    return {route::admin, {}, path.substr(admin_prefix.size())};
  if (path == "/livez")
    return {route::livez};
  if (path == "/readyz")
    return {route::readyz};
  if (path == "/health")
    return {route::health};
  if (path == "/health/stream" && who == audience::operators)
    return {route::health_stream};
  if (path == "/degraded")
    return {route::degraded};
  if (path == "/metrics" && who == audience::operators)
    return {route::metrics};
  return {route::unknown};
}

method_check check_method(enum route r, method m) noexcept {
  // A HEAD that took a turn would hand out a number that nobody is told.
  if (r == route::turn)
    return {m == method::get || m == method::post || m == method::options, "GET, POST, OPTIONS"};
  // Health checks ask with OPTIONS (HAProxy's httpchk by default).
  return {m == method::get || m == method::head || m == method::options, "GET, HEAD, OPTIONS"};
}

}  // namespace turnomatic::http
