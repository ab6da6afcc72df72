#include "backend/redis/administration.hpp"

#include "backend/redis/store_set.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace turnomatic::redis {
namespace {

// Any character of a prefix stands for itself.
std::string escape_pattern(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view{"*?[]\\^-"}.find(c) != std::string_view::npos)
      escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::optional<std::uint64_t> number(const reply& from) {
  std::uint64_t value = 0;
  const char* const end = from.text.data() + from.text.size();
  if (!from.is_string() || from.text.empty() ||
      std::from_chars(from.text.data(), end, value).ptr != end)
    return std::nullopt;
  return value;
}

}  // namespace

administration::administration(const admin_request& what, const std::string& prefix,
                               store_guard& guard)
    : what_{what},
      prefix_{prefix},
      guard_{guard},
      commands_{{.prefix = prefix, .lane = {}}},
      genesis_{guard.genesis()},
      step_{first_step_of(what.what)} {
  if (what.what == admin_action::peek)
    to_look_at_.emplace_back(what.id->text());
}

administration::step administration::first_step_of(admin_action what) noexcept {
  switch (what) {
    case admin_action::peek:
      return step::look;
    case admin_action::list:
      return step::scan;
    case admin_action::set:
      return step::set;
    case admin_action::resume:
      return step::raise;
    case admin_action::show_breakers:
    case admin_action::set_breakers:
    case admin_action::adopt:
      break;
  }
  return step::done;
}

bool administration::changes(step which) noexcept {
  return which == step::set || which == step::raise || which == step::resume;
}

std::string administration::key_of(std::string_view id) const {
  return std::string{commands_.counter_prefix()}.append(id);
}

// ---- commands

std::size_t administration::next(std::string& out) {
  replies_left_ = 1;
  // An id that nobody has taken a turn of here has nothing to be raised to.
  if (step_ == step::raise && !append_raise(out))
    step_ = step::resume;
  switch (step_) {
    case step::scan:
      append_scan(out);
      break;
    case step::look:
      replies_left_ = append_looks(out);
      break;
    case step::set:
      append_set(out, {prefix_, *what_.id, genesis_, what_.turn, what_.force});
      break;
    case step::raise:
      break;
    case step::resume:
      append_command(out, std::array<std::string_view, 3>{"HDEL", key_of(what_.id->text()), "h"});
      break;
    case step::library:
      store_commands::load_library(out);
      break;
    case step::done:
      replies_left_ = 0;
      break;
  }
  return replies_left_;
}

void administration::append_scan(std::string& out) const {
  const std::string pattern = escape_pattern(commands_.counter_prefix()) + '*';
  append_command(
      out, std::array<std::string_view, 6>{"SCAN", std::to_string(what_.cursor), "MATCH", pattern,
                                           "COUNT", std::to_string(what_.limit)});
}

std::size_t administration::append_looks(std::string& out) {
  const std::size_t count = std::min(to_look_at_.size(), looks_per_step);
  for (std::size_t i = 0; i < count; ++i)
    append_command(out, std::array<std::string_view, 4>{"HMGET", key_of(to_look_at_[i]), "v", "h"});
  return count;
}

// A counter is behind in the store until it is raised, if it was found so without its function.
bool administration::append_raise(std::string& out) {
  fence_table::place unused = nullptr;
  const std::uint64_t issued = guard_.fences.highest(*what_.id, unused);
  if (issued == 0)
    return false;
  const std::array<fence_table::fence, 1> to{{{*what_.id, issued}}};
  commands_.raise(out, genesis_, to, loss_policy::skip);
  return true;
}

// ---- replies

bool administration::take(const reply& answer) {
  const bool last = --replies_left_ == 0;
  const step taken = step_;
  if (answer.is_error() && taken != step::library) {
    on_error(answer.text);
  } else {
    switch (taken) {
      case step::scan:
        on_scanned(answer);
        break;
      case step::look:
        on_looked(answer);
        break;
      case step::set:
        on_set(answer);
        break;
      case step::raise:
        on_raised(answer);
        break;
      case step::resume:
        on_resumed();
        break;
      case step::library:
        step_ = behind_library_;  // "already exists" is as good; if not, the step fails again
        break;
      case step::done:
        break;
    }
  }
  if (last && step_ == step::look && to_look_at_.empty())
    step_ = step::done;
  return last;
}

void administration::on_scanned(const reply& answer) {
  const auto next_page = answer.elements.size() == 2 ? number(*answer.elements[0]) : std::nullopt;
  if (!next_page)
    return fail(errc::unavailable);
  outcome_->cursor = *next_page;
  const std::size_t prefix_size = commands_.counter_prefix().size();
  for (const reply* const key : answer.elements[1]->elements) {
    const std::string_view id = key->text.substr(std::min(prefix_size, key->text.size()));
    if (counter_id::from_text(id))  // or it is no counter of ours
      to_look_at_.emplace_back(id);
  }
  step_ = step::look;
}

void administration::on_looked(const reply& answer) {
  const std::string id = std::move(to_look_at_.front());
  to_look_at_.pop_front();
  if (answer.elements.size() != 2 || !outcome_)
    return fail(errc::unavailable);
  const std::uint64_t turn = number(*answer.elements[0]).value_or(0);
  outcome_->counters.push_back(
      {id, std::min(turn, turn_max), answer.elements[1]->what != reply::kind::nil});
}

void administration::on_set(const reply& answer) {
  using kind = set_answer::kind;
  const set_answer read = read_set_answer(answer);
  step_ = step::done;
  switch (read.what) {
    case kind::set:
      break;
    case kind::ahead:
      return fail(errc::counter_ahead);
    case kind::foreign:
      return fail(errc::store_behind);
    case kind::malformed:
      return fail(errc::outcome_unknown);
  }
  if (what_.turn > read.before)
    guard_.fences.raise(*what_.id, what_.turn);
  else if (what_.turn < read.before)
    guard_.fences.forget(*what_.id);
  outcome_->turn_before = read.before;
  outcome_->counters.push_back({std::string{what_.id->text()}, what_.turn, read.halted});
}

void administration::on_raised(const reply& answer) {
  const bool is_ours = !answer.elements.empty() && answer.elements[0]->text == "raised";
  if (!is_ours)
    return fail(errc::store_behind);
  step_ = step::resume;
}

void administration::on_resumed() {
  guard_.note_counting_again(what_.id->text());
  to_look_at_.emplace_back(what_.id->text());
  step_ = step::look;
}

void administration::on_error(std::string_view text) {
  const refusal_kind why = classify_error(text);
  if (why == refusal_kind::no_function && !std::exchange(loaded_, true)) {
    behind_library_ = std::exchange(step_, step::library);
    return;
  }
  if (step_ == step::look) {
    to_look_at_.pop_front();
    // A key that looks like a counter's and is none is nothing to stop at.
    if (what_.what == admin_action::list && text.starts_with("WRONGTYPE"))
      return;
  }
  refusal_ = text.substr(0, 200);
  fail(why == refusal_kind::full ? errc::store_full : errc::unavailable);
}

// The replies that are still to come change nothing any more.
void administration::fail(errc why) {
  outcome_ = make_error_code(why);
  step_ = step::done;
  to_look_at_.clear();
}

void administration::give_up(bool sent) {
  fail(sent && changes(step_) ? errc::outcome_unknown : errc::unavailable);
}

}  // namespace turnomatic::redis
