// From a path to an endpoint.
#pragma once

#include "http/request.hpp"

#include <turnomatic/counter_id.hpp>
#include <turnomatic/observer.hpp>

#include <optional>
#include <string_view>

namespace turnomatic::http {

/// Which listener a connection came in by.
enum class audience : std::uint8_t { callers, operators };

struct route_match {
  enum route route;
  std::optional<counter_id> id{};  ///< for route::turn, if what stands after /turno/ is a valid one
  std::string_view admin_path{};   ///< for route::admin: what stands after /admin/, not decoded
};

/// The endpoint of `path` as seen by `who`; `unknown` if there is none. Only the id may be
/// percent-encoded: the fixed names are written as they are. `admin_path` points into `path`.
[[nodiscard]] route_match match_route(std::string_view path, audience who) noexcept;

/// Whether the endpoint tells how the instance is, and is answered whatever the limits are.
[[nodiscard]] constexpr bool is_probe(enum route r) noexcept {
  return r == route::livez || r == route::readyz || r == route::health || r == route::degraded;
}

struct method_check {
  bool allowed;
  std::string_view allow;  ///< the methods that the endpoint serves, for the Allow field
};
[[nodiscard]] method_check check_method(enum route r, method m) noexcept;

}  // namespace turnomatic::http
