#include "backend/redis/shard/take_protocol.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace turnomatic::redis {

void take_protocol::connected(std::string run) {
  if (run != run_)
    ++run_number_;
  run_ = std::move(run);
  state_ = state::away;
  draws_next_ = true;
}

// ---- entering

// The name of a registration is drawn for each: one whose answer was lost may have made a record,
// and a record is made only under a name never used before.
void take_protocol::enter(std::string& out, const bucket_keys& keys, const store_identity& store) {
  assert(state_ == state::away || state_ == state::barred);
  state_ = state::entering;
  const std::string& generation = generation_to_offer();
  if (!is_registered()) {
    name_ = draw_();
    append_register(out, keys, name_, store, generation, record_lost_);
  } else {
    std::vector<std::string_view> known{offered_.begin(), offered_.end()};
    known.emplace_back(generation_);
    append_take_over(out, keys, name_, store, generation, known);
  }
  takes_ = take_formatter{keys, name_, generation};
}

// Each connection has one of its own: a copy of this process, made while a takeover was under way,
// does not share the record with us. After many that were never answered one is offered again, so
// that the command stays short; the record has one of these or the one before them in any case.
const std::string& take_protocol::generation_to_offer() {
  constexpr std::size_t offered_max = 16;
  const bool draws = std::exchange(draws_next_, false) && offered_.size() < offered_max;
  if (draws || offered_.empty())
    offered_.push_back(draw_());
  return offered_.back();
}

void take_protocol::acknowledge_offer() {
  generation_ = std::move(offered_.back());
  offered_.clear();
}

bool take_protocol::is_known(std::string_view generation) const noexcept {
  return !generation.empty() &&
         (generation == generation_ || std::ranges::find(offered_, generation) != offered_.end());
}

bool take_protocol::is_in_place(const entry_answer& answer) const noexcept {
  return is_known(answer.generation) && answer.sequence &&
         (*answer.sequence == sequence_ || (packet_ && *answer.sequence == sequence_ + 1));
}

take_protocol::verdict take_protocol::on_entered(const entry_answer& answer) {
  using kind = verdict::kind;
  assert(state_ == state::entering);
  const bool registering = !is_registered();
  switch (answer.type) {
    case entry_answer::kind::entered:
      if (registering) {
        state_ = state::counting;
        record_lost_ = false;
        acknowledge_offer();
        token_ = answer.loss_token;
        sequence_ = 0;
        return {.type = kind::counting};
      }
      return on_taken_over(answer);
    case entry_answer::kind::closed: {
      verdict made{.type = kind::closed};
      if (!registering && !is_in_place(answer)) {
        made = lose(answer.generation, answer.sequence);
        made.type = kind::closed;
      }
      state_ = state::barred;
      record_lost_ = false;
      ++run_number_;  // what was sent before may be lost, though the server was not restarted
      return made;
    }
    case entry_answer::kind::refused:
      return lose(answer.generation, answer.sequence);
    case entry_answer::kind::foreign:
      state_ = state::away;
      return {.type = kind::foreign, .emptied = answer.store_id.empty()};
    case entry_answer::kind::malformed:
      break;
  }
  return {};
}

take_protocol::verdict take_protocol::on_taken_over(const entry_answer& answer) {
  using kind = verdict::kind;
  if (!answer.sequence || !answer.results)
    return {};
  const bool reached = packet_ && *answer.sequence == sequence_ + 1;
  if (!reached && *answer.sequence != sequence_)
    return lose(offered_.back(), answer.sequence);
  // The record was where we had left it, and a copy of this process has gone on with it.
  if (reached && answer.packet != packet_->name) {
    verdict made = lose(offered_.back(), answer.sequence);
    made.has_double = true;
    return made;
  }
  state_ = state::counting;
  acknowledge_offer();
  sequence_ = *answer.sequence;
  const std::string token = std::exchange(token_, std::string{answer.loss_token});
  if (!packet_)
    return {.type = kind::counting};
  const open_packet sent = *std::exchange(packet_, std::nullopt);
  const bool same_run = sent.run == run_number_;
  if (reached) {
    // After a lossy restart the results may be of a history that was abandoned since.
    const bool sound = same_run || sent.token == token_;
    return {.type = kind::counting,
            .packet = sound ? fate::executed : fate::unknown,
            .results = answer.results};
  }
  return {.type = kind::counting, .packet = same_run ? fate::not_executed : fate::doubtful};
}

take_protocol::verdict take_protocol::lose(std::string_view generation,
                                           std::optional<std::uint64_t> sequence) {
  verdict made{.type = verdict::kind::lost, .behind = true};
  const std::uint64_t last = sequence_ + (packet_ ? 1 : 0);
  made.has_double =
      !generation.empty() && (is_known(generation) ? sequence > last : sequence >= sequence_);
  made.loss = "expected sequence " + std::to_string(sequence_);
  if (packet_)
    made.loss += " or " + std::to_string(sequence_ + 1);
  if (generation.empty())
    made.loss += ", found no record";
  else
    made.loss += ", found " + (sequence ? std::to_string(*sequence) : "none") +
                 (is_known(generation) ? "" : " and a generation of somebody else");
  if (std::exchange(packet_, std::nullopt))
    made.packet = fate::unknown;
  forget_record();
  record_lost_ =
      true;  // or a copy has gone on with it, and the two cannot be told apart for certain
  return made;
}

bool take_protocol::forsake() {
  forget_record();
  return std::exchange(packet_, std::nullopt).has_value();
}

void take_protocol::forget_record() {
  state_ = state::away;
  generation_.clear();
  offered_.clear();
  sequence_ = 0;
}

// ---- packets

void take_protocol::send(std::string& out, const packet& batches,
                         std::span<const std::uint64_t> marks, loss_policy policy,
                         std::chrono::milliseconds key_lifetime, time_point now) {
  assert(state_ == state::counting && !packet_ && batches.size() == marks.size());
  packet_ = {run_number_, token_, static_cast<std::uint64_t>(now.time_since_epoch().count())};
  takes_.append(out, batches, marks, {sequence_ + 1, packet_->name, policy, key_lifetime, token_});
}

take_protocol::verdict take_protocol::on_packet(const reply& answer, std::size_t batches) {
  if (is_refused_packet(answer)) {
    const entry_answer found = read_entry_answer(answer);
    return lose(found.generation, found.sequence);
  }
  if (answer.type != reply::kind::array || answer.elements.size() != batches)
    return {};
  packet_.reset();
  ++sequence_;
  return {.type = verdict::kind::counting, .packet = fate::executed, .results = &answer};
}

take_protocol::verdict take_protocol::on_refreshed(const entry_answer& answer) {
  using kind = verdict::kind;
  switch (answer.type) {
    case entry_answer::kind::entered:
      if (!is_in_place(answer))
        return lose(answer.generation, answer.sequence);
      token_ = answer.loss_token;
      return {.type = kind::counting};
    case entry_answer::kind::foreign:
      return {.type = kind::foreign, .emptied = answer.store_id.empty()};
    case entry_answer::kind::closed:  // another run has begun, so this connection has to end
      return {.type = kind::closed};
    case entry_answer::kind::refused:
    case entry_answer::kind::malformed:
      break;
  }
  return {};
}

}  // namespace turnomatic::redis
