#include "http/admin_endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace turnomatic::http {
namespace {

using asked = boost::system::result<admin_request, admin_refusal>;

constexpr admin_refusal invalid_parameter{problem::invalid_parameter};

/// The parameters of a query. What nobody has taken in the end was not meant for the endpoint.
class parameters {
 public:
  explicit parameters(std::string_view query) {
    while (!query.empty()) {
      const std::string_view one = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(query.size(), one.size() + 1));
      const std::size_t name_size = std::min(one.find('='), one.size());
      left_.emplace_back(one.substr(0, name_size), one.substr(std::min(one.size(), name_size + 1)));
    }
  }

  [[nodiscard]] std::optional<std::string_view> take(std::string_view name) {
    const auto found = std::find_if(left_.begin(), left_.end(),
                                    [name](const auto& each) { return each.first == name; });
    if (found == left_.end())
      return std::nullopt;
    const std::string_view value = found->second;
    left_.erase(found);
    return value;
  }
  [[nodiscard]] bool all_taken() const noexcept { return left_.empty(); }

 private:
  std::vector<std::pair<std::string_view, std::string_view>> left_;
};

std::optional<std::uint64_t> number(std::string_view text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || value < min || value > max)
    return std::nullopt;
  return value;
}

asked if_sound(const admin_request& made, const parameters& with) {
  if (!with.all_taken())
    return invalid_parameter;
  return made;
}

asked plain(admin_action action, const parameters& with) {
  admin_request made;
  made.action = action;
  return if_sound(made, with);
}

asked read_list(parameters with) {
  admin_request made;
  made.action = admin_action::list;
  if (const auto text = with.take("cursor"); text && !text->empty()) {
    const auto cursor = number(*text, 0, std::numeric_limits<std::uint64_t>::max());
    if (!cursor)
      return invalid_parameter;
    made.cursor = *cursor;
  }
  if (const auto text = with.take("limit")) {
    const auto limit = number(*text, 1, admin_request::limit_max);
    if (!limit)
      return invalid_parameter;
    made.limit = static_cast<std::uint32_t>(*limit);
  }
  return if_sound(made, with);
}

// A command that reaches the store late, after a lost connection or from a queue, must not move the
// counter back over turns that were taken since. So `force` needs the turn that the operator saw.
asked read_set(parameters with) {
  admin_request made;
  made.action = admin_action::set;
  const auto turn = number(with.take("turno").value_or(""), 0, turn_max);
  if (!turn)
    return invalid_parameter;
  made.turn = *turn;
  if (const auto text = with.take("force")) {
    if (text != "true" && text != "false")
      return invalid_parameter;
    made.force = text == "true";
  }
  if (const auto text = with.take("from")) {
    made.from = number(*text, 0, turn_max);
    if (!made.from)
      return invalid_parameter;
  }
  if (made.force && !made.from)
    return invalid_parameter;
  return if_sound(made, with);
}

asked read_mode(parameters with) {
  admin_request made;
  made.action = admin_action::set_breakers;
  const auto found = std::find(breaker_mode_labels.begin(), breaker_mode_labels.end(),
                               with.take("mode").value_or(""));
  if (found == breaker_mode_labels.end())
    return invalid_parameter;
  made.mode = static_cast<breaker_mode>(found - breaker_mode_labels.begin());
  return if_sound(made, with);
}

asked of_id(asked made, std::string_view segment) {
  if (!made)
    return made;
  made->id = counter_id::from_path_segment(segment);
  if (!made->id)
    return admin_refusal{problem::invalid_id};
  return made;
}

// `rest` is what stands behind counters/.
asked read_counter(method m, std::string_view rest, const parameters& with) {
  const std::string_view id = rest.substr(0, rest.find('/'));
  const std::string_view below = rest.substr(id.size());
  if (below == "/resume") {
    if (m != method::post)
      return admin_refusal{problem::method_not_allowed, "POST"};
    return of_id(plain(admin_action::resume, with), id);
  }
  if (!below.empty())
    return admin_refusal{problem::not_found};
  if (m == method::get)
    return of_id(plain(admin_action::peek, with), id);
  if (m == method::post)
    return of_id(read_set(with), id);
  return admin_refusal{problem::method_not_allowed, "GET, POST"};
}

}  // namespace

asked read_admin_request(method m, std::string_view path, std::string_view query) {
  const parameters with{query};
  constexpr std::string_view counters_prefix = "counters/";
  if (path.starts_with(counters_prefix))
    return read_counter(m, path.substr(counters_prefix.size()), with);
  if (path == "counters") {
    if (m != method::get)
      return admin_refusal{problem::method_not_allowed, "GET"};
    return read_list(with);
  }
  if (path == "breaker") {
    if (m == method::get)
      return plain(admin_action::show_breakers, with);
    if (m == method::post)
      return read_mode(with);
    return admin_refusal{problem::method_not_allowed, "GET, POST"};
  }
  if (path == "store/adopt") {
    if (m != method::post)
      return admin_refusal{problem::method_not_allowed, "POST"};
    return plain(admin_action::adopt, with);
  }
  return admin_refusal{problem::not_found};
}

}  // namespace turnomatic::http
