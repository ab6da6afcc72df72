// Single commands of a lane: looks at a counter, signs of life, and what operators ask for.
#include "backend/redis/lane.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::redis {

void lane::send_ping(const sent& as, time_point now) {
  append_command(with_.link.output(), std::array<std::string_view, 1>{"PING"});
  note(as, now);
  with_.link.write();
}

void lane::ping(ping_operation& op, time_point now) {
  next_look_ends_ = std::min(next_look_ends_, op.deadline);
  send_ping({.what = command::ping, .ping = &op}, now);
}

void lane::peek(peek_operation& op, time_point now) {
  next_look_ends_ = std::min(next_look_ends_, op.deadline);
  commands_.peek(with_.link.output(), *op.id);
  note({.what = command::peek, .peek = &op}, now);
  with_.link.write();
}

bool lane::query(std::string_view commands, std::size_t count, query_completion done,
                 time_point now) {
  if (phase_ != phase::counting && phase_ != phase::halted)
    return false;
  with_.link.output() += commands;
  for (std::size_t i = 0; i < count; ++i)
    note({.what = command::query}, now);
  queries_.push_back({count, std::move(done)});
  with_.link.write();
  return true;
}

void lane::on_queried(const reply& answer) {
  query_under_way& oldest = queries_.front();
  if (--oldest.replies_left > 0)
    return oldest.done(&answer);
  const query_completion done = std::move(oldest.done);
  queries_.pop_front();
  done(&answer);  // and perhaps asks the next
}

// Their replies come to nobody then. Whoever is told may ask again, so the commands are left first.
void lane::expire_looks(time_point now) {
  if (now < next_look_ends_)
    return;
  next_look_ends_ = time_point::max();
  std::vector<peek_operation*> peeks;
  std::vector<ping_operation*> pings;
  const auto leave = [&](auto*& op, auto& late) {
    if (op == nullptr)
      return;
    if (op->deadline <= now)
      late.push_back(std::exchange(op, nullptr));
    else
      next_look_ends_ = std::min(next_look_ends_, op->deadline);
  };
  for (sent& each : sent_) {
    leave(each.peek, peeks);
    leave(each.ping, pings);
  }
  for (peek_operation* const each : peeks)
    each->complete(errc::deadline_passed);
  for (ping_operation* const each : pings)
    each->complete(errc::deadline_passed);
}

void lane::finish_peek(peek_operation& op, const reply& answer) {
  if (answer.what == reply::kind::nil)
    return op.complete(std::uint64_t{0});
  std::uint64_t value = 0;
  const char* const end = answer.text.data() + answer.text.size();
  if (!answer.is_string() || answer.text.empty() ||
      std::from_chars(answer.text.data(), end, value).ptr != end)
    return op.complete(errc::unavailable);
  op.complete(std::min(value, turn_max));
}

}  // namespace turnomatic::redis
