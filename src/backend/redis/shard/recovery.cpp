#include "backend/redis/shard/recovery.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic::redis {

void recovery::begin(std::string new_token) {
  new_token_ = std::move(new_token);
  began_ = false;
  raising_ = false;
  reporting_ = false;
  next_part_ = 0;
  read_.clear();
  sent_.clear();
}

std::size_t recovery::next(std::string& out, recovery_part& part, const bucket_keys& keys,
                           const store_identity& identity, raising how, time_point now) {
  const duration waited = now - part.since(now);
  const standing found = verdict(waited);
  if ((found == standing::behind || how.adopts) && !part.raised()) {
    if (!std::exchange(raising_, true))
      policy_ = how.adopts ? loss_policy::skip : how.on_loss;
    if (const std::size_t commands = append_marks(out, keys, identity); commands > 0)
      return commands;
    part.note_raised();
  }
  if (how.adopts)
    guard_.adopted_raised();
  const bool quiet = std::min(waited, now - part.quiet_since()) >= times_.grace;
  const bool too_long = waited >= std::max(wait_max, times_.grace);
  std::string_view said;
  if (found != standing::unknown)
    said = found == standing::behind ? "behind" : "in_place";
  const std::string closing = guard_.closing();
  const std::string marks = part.marks_heard();
  append_report(out, keys, identity,
                {.verdict = said,
                 .may_open = (quiet && found != standing::unknown) || too_long,
                 .marks_seen = too_long ? "any" : std::string_view{marks},
                 .new_token = new_token_,
                 .closing = closing});
  reporting_ = true;
  return 1;
}

// A lane that does not come back cannot say what it finds: for what it knows that is behind. Nor
// does it hand out anything as long as it has no connection.
standing recovery::verdict(duration waited) const {
  const standing found = guard_.found();
  if (found == standing::unknown && waited >= times_.grace / 2 && guard_.all_have_ended())
    return standing::behind;
  return found;
}

// Of a store that has lost the end of its history it has lost what was used last.
void recovery::read_marks() {
  constexpr std::size_t parts = high_water_table::shard_count;
  while (read_.empty() && next_part_ < 2 * parts) {
    const bool recent = next_part_ < parts;
    read_ = guard_.marks.shard(next_part_ % parts, recent);
    ++next_part_;
  }
}

std::size_t recovery::append_marks(std::string& out, const bucket_keys& keys,
                                   const store_identity& identity) {
  std::size_t commands = 0;
  while (sent_.size() < commands_under_way_max) {
    read_marks();
    if (read_.empty())
      break;
    const std::size_t size = std::min(read_.size(), marks_per_command);
    const auto begin = read_.end() - static_cast<std::ptrdiff_t>(size);
    sent_.emplace_back(begin, read_.end());
    read_.erase(begin, read_.end());
    append_raise_marks(out, keys, identity, policy_, sent_.back());
    ++commands;
  }
  return commands;
}

std::optional<recovery::marks_outcome> recovery::on_marks(const reply& answer) {
  const std::vector<mark> marks = std::move(sent_.front());
  sent_.pop_front();
  const auto read = read_raise_answer(answer, marks.size());
  if (!read)
    return std::nullopt;
  marks_outcome made{.foreign = read->foreign, .behind = {}};
  for (const auto& [index, found] : read->behind)
    made.behind.push_back(
        {marks[index].first, found, marks[index].second, policy_ == loss_policy::skip});
  return made;
}

report_answer recovery::on_report(const reply& answer, recovery_part& part, time_point now) {
  reporting_ = false;
  const report_answer read = read_report_answer(answer);
  if (read.type == report_answer::kind::closed)
    part.hear_marks(read.marks, now);
  return read;
}

}  // namespace turnomatic::redis
