#include "load/turn_body.hpp"

#include <turnomatic/turn.hpp>

#include <nlohmann/json.hpp>

#include <charconv>

namespace turnomatic::bench {
namespace {

using json = nlohmann::json;

bool take(std::string_view& text, std::string_view expected) noexcept {
  if (!text.starts_with(expected))
    return false;
  text.remove_prefix(expected.size());
  return true;
}

// The form that turnomatic writes, without building a document; 0 for any other.
std::uint64_t turn_in_usual_form(std::string_view body, std::string_view id) noexcept {
  if (!take(body, R"({"id":")") || !take(body, id) || !take(body, R"(","turno":)") ||
      body.starts_with('0'))
    return 0;
  std::uint64_t turn = 0;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), turn);
  const bool closed = end + 1 == body.data() + body.size() && *end == '}';
  return error == std::errc{} && closed && turn <= turn_max ? turn : 0;
}

json parse(std::string_view body) {
  return json::parse(body.begin(), body.end(), nullptr, /*allow_exceptions=*/false);
}

}  // namespace

turn_body read_turn_body(std::string_view body, std::string_view id) {
  if (const std::uint64_t turn = turn_in_usual_form(body, id))
    return {outcome::answered, turn};
  const json document = parse(body);
  if (!document.is_object())
    return {outcome::malformed};
  const auto named = document.find("id");
  const auto turno = document.find("turno");
  if (named == document.end() || !named->is_string() || turno == document.end() ||
      !turno->is_number_unsigned())
    return {outcome::malformed};
  const auto turn = turno->get<std::uint64_t>();
  if (turn < 1 || turn > turn_max)
    return {outcome::malformed};
  if (named->get_ref<const std::string&>() != id)
    return {outcome::wrong_id};
  return {outcome::answered, turn};
}

bool certainly_not_applied(int status, std::string_view body) {
  if (status < 500 && body.find("applied") == std::string_view::npos)
    return true;
  if (body.find(R"("applied":"no")") != std::string_view::npos)
    return true;
  const json document = parse(body);
  const auto applied = document.is_object() ? document.find("applied") : document.end();
  if (applied == document.end() || !applied->is_string())
    return status < 500;
  return *applied == "no";
}

}  // namespace turnomatic::bench
