#include "backend/redis/administration.hpp"

#include "backend/redis/shard/refusal_table.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace turnomatic::redis {

administration::administration(const admin_request& request, const std::string& prefix,
                               store_guard& guard, const acknowledgement::settings& replicas)
    : request_{request},
      guard_{guard},
      keys_{prefix, 0},
      store_id_{guard.store_id()},
      replicas_{replicas},
      step_{first_step_of(request.action)} {}

administration::step administration::first_step_of(admin_action action) noexcept {
  switch (action) {
    case admin_action::peek:
      return step::peek;
    case admin_action::list:
      return step::list;
    case admin_action::set:
      return step::set;
    case admin_action::resume:
      return step::resume;
    case admin_action::show_breakers:
    case admin_action::set_breakers:
    case admin_action::adopt:
      break;
  }
  return step::done;
}

// ---- commands

bool administration::next(std::string& out) {
  switch (step_) {
    case step::peek:
      append_command(out,
                     std::array<std::string_view, 3>{"HGET", keys_.turns(), request_.id->text()});
      return true;
    case step::list:
      append_command(out, std::array<std::string_view, 5>{"HSCAN", keys_.turns(),
                                                          std::to_string(request_.cursor), "COUNT",
                                                          std::to_string(request_.limit)});
      return true;
    case step::set:
      append_set(out);
      return true;
    case step::resume:
      append_resume(out);
      return true;
    case step::acknowledge:
      append_wait(out, replicas_.replicas, replicas_.timeout);
      return true;
    case step::done:
      break;
  }
  return false;
}

void administration::append_set(std::string& out) const {
  const std::string from = request_.from ? std::to_string(*request_.from) : std::string{};
  append_script(
      out, script_id::set_turn, std::array<std::string_view, 2>{keys_.store(), keys_.turns()},
      std::array<std::string_view, 5>{store_id_, request_.id->text(), std::to_string(request_.turn),
                                      from, request_.force ? "force" : "forward"});
}

void administration::append_resume(std::string& out) const {
  high_water_table::place unused = nullptr;
  append_script(
      out, script_id::resume, std::array<std::string_view, 2>{keys_.store(), keys_.turns()},
      std::array<std::string_view, 3>{store_id_, request_.id->text(),
                                      std::to_string(guard_.marks.highest(*request_.id, unused))});
}

// ---- replies

void administration::take(const reply& answer) {
  if (answer.is_error())
    return on_error(answer.text);
  if (answer.text_at(0) == "foreign")
    return fail(errc::store_behind);
  switch (step_) {
    case step::peek:
      return on_peeked(answer);
    case step::list:
      return on_listed(answer);
    case step::set:
      return on_set(answer);
    case step::resume:
      return on_resumed(answer);
    case step::acknowledge:
      return on_acknowledged(answer);
    case step::done:
      break;
  }
}

// A text that is no turn is shown as 0: the counter refuses until it is set by force.
void administration::add(std::string_view id, std::string_view turn) {
  const bool halted = turn.starts_with('h');
  const std::uint64_t value = natural_of(turn.substr(halted ? 1 : 0)).value_or(0);
  outcome_->counters.push_back({std::string{id}, std::min(value, turn_max), halted});
}

void administration::on_peeked(const reply& answer) {
  add(request_.id->text(), answer.is_string() ? answer.text : std::string_view{});
  step_ = step::done;
}

void administration::on_listed(const reply& answer) {
  const auto cursor = natural_of(answer.text_at(0));
  if (answer.elements.size() != 2 || !cursor || answer.elements[1]->elements.size() % 2 != 0)
    return fail(errc::unavailable);
  outcome_->cursor = *cursor;
  const reply& fields = *answer.elements[1];
  for (std::size_t i = 0; i < fields.elements.size(); i += 2)
    add(fields.text_at(i), fields.text_at(i + 1));
  step_ = step::done;
}

void administration::on_set(const reply& answer) {
  const std::string_view word = answer.text_at(0);
  const auto before = natural_of(answer.text_at(1));
  step_ = step::done;
  if (word == "spoilt")
    return fail(errc::counter_moved);
  if (answer.elements.size() != 3 || !before)
    return fail(errc::outcome_unknown);
  if (word == "ahead")
    return fail(errc::counter_ahead);
  if (word == "other")
    return fail(errc::counter_moved);
  if (word != "set")
    return fail(errc::outcome_unknown);
  if (request_.turn < *before)
    guard_.marks.forget(*request_.id);
  guard_.marks.raise(*request_.id, request_.turn);
  has_changed();
  outcome_->turn_before = *before;
  outcome_->counters.push_back(
      {std::string{request_.id->text()}, request_.turn, answer.elements[2]->integer != 0});
}

void administration::on_resumed(const reply& answer) {
  if (answer.text_at(0) == "spoilt")
    return fail(errc::counter_moved);
  if (answer.text_at(0) != "resumed" || answer.elements.size() != 3)
    return fail(errc::outcome_unknown);
  guard_.halted.remove(request_.id->text());
  add(request_.id->text(), answer.text_at(1));
  has_changed();
}

void administration::has_changed() noexcept {
  step_ = replicas_.replicas > 0 ? step::acknowledge : step::done;
}

void administration::on_acknowledged(const reply& answer) {
  step_ = step::done;
  if (answer.integer < replicas_.replicas)
    fail(errc::outcome_unknown);
}

void administration::on_error(std::string_view text) {
  const refusal_row& rule = refusal_of(text);
  refusal_ = refusal_text(text);
  if (step_ == step::acknowledge)
    return fail(errc::outcome_unknown);
  fail(rule.action == refusal_action::fail ? rule.error : errc::unavailable);
}

void administration::fail(errc why) {
  outcome_ = make_error_code(why);
  step_ = step::done;
}

void administration::give_up(bool sent) {
  const bool has_changed = step_ == step::acknowledge;
  const bool changes = step_ == step::set || step_ == step::resume;
  fail(has_changed || (sent && changes) ? errc::outcome_unknown : errc::unavailable);
}

}  // namespace turnomatic::redis
