// From a path below /admin/ to what is asked for.
#pragma once

#include "http/problem.hpp"
#include "http/request.hpp"

#include <turnomatic/administrator.hpp>

#include <boost/system/result.hpp>

#include <string_view>

namespace turnomatic::http {

struct admin_refusal {
  problem why;
  std::string_view
      allow{};  ///< the methods that the endpoint serves, if this one is not among them
};

/// `path` is what stands behind /admin/, `query` what stands behind the '?'. A parameter that is
/// unknown, missing, given twice or out of its range is refused: a typing error must not change
/// anything. Values are not percent-decoded.
[[nodiscard]] boost::system::result<admin_request, admin_refusal> read_admin_request(
    method m, std::string_view path, std::string_view query);

}  // namespace turnomatic::http
