// Lets operators who know the token look at counters and change them.
#pragma once

#include "http/admin_endpoint.hpp"
#include "http/exchange.hpp"
#include "http/request.hpp"

#include <turnomatic/administrator.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace turnomatic::http {

/// Authorises, reads what is asked for, has it performed and renders the answer. Used by the thread
/// that serves operators.
class admin_handler {
 public:
  admin_handler(std::unique_ptr<administrator> performs, std::string token);
  ~admin_handler();

  /// The token from now on; an empty one switches the administration off.
  void set_token(std::string token) { token_ = std::move(token); }
  [[nodiscard]] bool is_on() const noexcept { return !token_.empty(); }

  /// Only while it is on. Has `e` answered, at once or later, or returns why not. `e` must stay
  /// where it is until then. `path` is what stands behind /admin/, `peer` who asks.
  [[nodiscard]] std::optional<admin_refusal> start(exchange& e, const request_head& request,
                                                   std::string_view path, std::string peer);

 private:
  [[nodiscard]] bool is_authorized(std::string_view authorization) const noexcept;

  const std::unique_ptr<administrator> performs_;
  std::string token_;
};

}  // namespace turnomatic::http
