#include "http/admin_handler.hpp"

#include <boost/beast/core/string.hpp>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>

#include <cassert>
#include <utility>

namespace turnomatic::http {
namespace {

using json = nlohmann::ordered_json;

// Takes as long however much of a guess is right: the time must not help to find the rest. How long
// the token is may be found.
bool is_same(std::string_view given, std::string_view token) noexcept {
  return given.size() == token.size() &&
         ::CRYPTO_memcmp(given.data(), token.data(), token.size()) == 0;
}

std::string_view query_of(std::string_view target) noexcept {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

json render(const admin_answer::counter& counter) {
  return {{"id", counter.id}, {"turno", counter.turn}, {"halted", counter.halted}};
}

json render_list(const admin_answer& answer) {
  json list = json::array();
  for (const admin_answer::counter& each : answer.counters)
    list.push_back(render(each));
  return {{"counters", std::move(list)},
          {"cursor", answer.cursor == 0 ? "" : std::to_string(answer.cursor)}};
}

json render_breakers(const admin_answer& answer) {
  json workers = json::array();
  for (const admin_answer::breaker& each : answer.breakers) {
    workers.push_back({{"worker", each.worker},
                       {"state", breaker_state_labels[index_of(each.state)]},
                       {"mode", breaker_mode_labels[index_of(each.mode)]},
                       {"failure_percent", each.failure_percent},
                       {"slow_percent", each.slow_percent}});
  }
  return {{"workers", std::move(workers)}};
}

json render(admin_action action, const admin_answer& answer) {
  switch (action) {
    case admin_action::peek:
    case admin_action::set:
    case admin_action::resume:
      return render(answer.counters.at(0));
    case admin_action::list:
      return render_list(answer);
    case admin_action::show_breakers:
    case admin_action::set_breakers:
      return render_breakers(answer);
    case admin_action::adopt:
      break;
  }
  return {{"adopted", answer.adopted}};
}

}  // namespace

admin_handler::admin_handler(std::unique_ptr<administrator> performs, std::string token)
    : performs_{std::move(performs)}, token_{std::move(token)} {}

admin_handler::~admin_handler() = default;

// RFC 6750 section 2.1; the name of the scheme has no case (RFC 9110 section 11.1).
bool admin_handler::is_authorized(std::string_view authorization) const noexcept {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view begin = authorization.substr(0, scheme.size());
  if (!boost::beast::iequals({begin.data(), begin.size()}, {scheme.data(), scheme.size()}))
    return false;
  return is_same(authorization.substr(scheme.size()), token_);
}

std::optional<admin_refusal> admin_handler::start(exchange& e, const request_head& request,
                                                  std::string_view path, std::string peer) {
  assert(is_on());
  if (!is_authorized(request.authorization))
    return admin_refusal{problem::unauthorized};
  auto asked = read_admin_request(request.method, path, query_of(request.target));
  if (!asked)
    return asked.error();
  asked->peer = std::move(peer);
  performs_->perform(*asked, [&e, action = asked->action](const result<admin_answer>& outcome) {
    if (outcome)
      e.complete_document(render(action, *outcome).dump());
    else
      e.complete_document(problem_of(outcome.error()));
  });
  return std::nullopt;
}

}  // namespace turnomatic::http
