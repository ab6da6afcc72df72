#include "backend/redis/wire/commands.hpp"

#include <array>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

std::string_view policy_word(loss_policy policy) noexcept {
  return policy == loss_policy::halt ? "halt" : "skip";
}

void append_script_head(std::string& out, script_id script, std::size_t keys,
                        std::size_t arguments) {
  append_command_head(out, 3 + keys + arguments);
  append_argument(out, "EVALSHA");
  append_argument(out, script_of(script).sha);
  append_argument(out, keys);
}

// ---- answers

// The next number of a result that is a text.
std::optional<std::uint64_t> take_number(std::string_view& text) noexcept {
  if (text.empty() || text.front() != ' ')
    return std::nullopt;
  text.remove_prefix(1);
  const std::size_t size = std::min(text.find(' '), text.size());
  const auto value = natural_of(text.substr(0, size));
  text.remove_prefix(size);
  return value;
}

// A key record and a counter are texts in the store, which anybody may have written.
bool are_turns(std::uint64_t first, std::uint64_t count) noexcept {
  return first > 0 && count > 0 && first <= turn_max && count <= turn_max - first + 1;
}

take_result read_text(std::string_view text, std::uint64_t turns) noexcept {
  using kind = take_result::kind;
  if (text.starts_with("E "))
    return {.type = kind::unwritten, .error = text.substr(2)};
  const char code = text.empty() ? '\0' : text.front();
  text.remove_prefix(text.empty() ? 0 : 1);
  switch (code) {
    case 'e':
      return {.type = kind::exhausted};
    case 'x':
      return {.type = kind::spoilt};
    case 'b':
    case 'h':
      if (const auto found = take_number(text))
        return {.type = code == 'b' ? kind::behind : kind::halted, .found = *found};
      return {};
    case 'k':
    case 't': {
      const auto first = take_number(text);
      const auto count = take_number(text);
      if (!first || !count || !are_turns(*first, *count))
        return {};
      if (code == 'k')
        return {.type = kind::known, .range = {*first, *count, true}};
      const auto found = take_number(text);
      if (!found || *found >= *first || *count > turns)
        return {};
      return {.type = kind::taken,
              .range = {*first, *count},
              .found = *found,
              .skipped = *found + 1 < *first};
    }
    default:
      return {};
  }
}

}  // namespace

// ---- keys

bucket_keys::bucket_keys(std::string_view prefix, std::uint32_t bucket)
    : base_{std::string{prefix}.append(":{").append(std::to_string(bucket)).append("}:")},
      store_{base_ + "store"},
      turns_{base_ + "turns"} {}

std::string bucket_keys::lane(std::string_view name) const {
  return std::string{base_}.append("lane:").append(name);
}

std::string bucket_keys::key(std::string_view loss_token, const counter_id& id,
                             std::string_view client_key) const {
  return std::string{base_}
      .append("key:")
      .append(loss_token)
      .append(1, ':')
      .append(id.text())
      .append(1, ':')
      .append(client_key);
}

std::string unreleased_protocol_key(std::string_view prefix) {
  return std::string{prefix}.append(":genesis");
}

// ---- scripts

void append_script(std::string& out, script_id script, std::span<const std::string_view> keys,
                   std::span<const std::string_view> arguments) {
  append_script_head(out, script, keys.size(), arguments.size());
  for (const std::string_view each : keys)
    append_argument(out, each);
  for (const std::string_view each : arguments)
    append_argument(out, each);
}

void append_script_loads(std::string& out) {
  for (const script& each : all_scripts())
    append_command(out, std::array<std::string_view, 3>{"SCRIPT", "LOAD", each.text});
}

// ---- the store

void append_read_store(std::string& out, const bucket_keys& keys) {
  append_command(out, std::array<std::string_view, 7>{"HMGET", keys.store(), "format", "id",
                                                      "buckets", "state", "was"});
}

std::optional<store_record> read_store_record(const reply& answer) {
  const std::size_t from = answer.text_at(0) == "found" ? 1 : 0;
  if (answer.type != reply::kind::array || answer.elements.size() != from + 5)
    return std::nullopt;
  const auto text = [&](std::size_t index) { return std::string{answer.text_at(from + index)}; };
  return store_record{text(0), text(1), text(2), text(3), text(4)};
}

// ---- lanes

void append_register(std::string& out, const bucket_keys& keys, std::string_view lane,
                     const store_identity& store, std::string_view generation, bool record_lost) {
  append_script(
      out, script_id::register_lane, std::array<std::string_view, 2>{keys.store(), keys.lane(lane)},
      std::array<std::string_view, 6>{store.store_id, store.run, store.instance, generation,
                                      std::to_string(store.record_lifetime.count()),
                                      record_lost ? "1" : "0"});
}

void append_take_over(std::string& out, const bucket_keys& keys, std::string_view lane,
                      const store_identity& store, std::string_view generation,
                      std::span<const std::string_view> known_generations) {
  append_script_head(out, script_id::take_over, 2, 5 + known_generations.size());
  append_argument(out, keys.store());
  append_argument(out, keys.lane(lane));
  append_argument(out, store.store_id);
  append_argument(out, store.run);
  append_argument(out, store.instance);
  append_argument(out, generation);
  append_argument(out, static_cast<std::uint64_t>(store.record_lifetime.count()));
  for (const std::string_view each : known_generations)
    append_argument(out, each);
}

void append_refresh(std::string& out, const bucket_keys& keys, std::string_view lane,
                    const store_identity& store) {
  append_script(out, script_id::refresh,
                std::array<std::string_view, 2>{keys.store(), keys.lane(lane)},
                std::array<std::string_view, 4>{store.store_id, store.run, store.instance,
                                                std::to_string(store.record_lifetime.count())});
}

entry_answer read_entry_answer(const reply& answer) {
  using kind = entry_answer::kind;
  const std::string_view word = answer.text_at(0);
  const std::size_t size = answer.elements.size();
  const auto record = [&answer](entry_answer read, std::size_t at) {
    read.generation = answer.text_at(at);
    read.sequence = natural_of(answer.text_at(at + 1));
    return read;
  };
  if (word == "registered" && size == 2)
    return {.type = kind::entered, .sequence = 0, .loss_token = answer.text_at(1)};
  if (word == "taken_over" && size == 5)
    return {.type = kind::entered,
            .sequence = natural_of(answer.text_at(1)),
            .loss_token = answer.text_at(2),
            .results = answer.elements[3],
            .packet = natural_of(answer.text_at(4))};
  if (word == "refreshed" && size == 5)
    return record(
        {.type = kind::entered, .loss_token = answer.text_at(3), .unheard = answer.text_at(4)}, 1);
  if (word == "closed" && size == 4)
    return record({.type = kind::closed, .closing = answer.text_at(3)}, 1);
  if (word == "refused" && size == 3)
    return record({.type = kind::refused}, 1);
  if (word == "foreign" && size == 3)
    return {.type = kind::foreign, .store_id = answer.text_at(1)};
  return {};
}

bool is_entry(const reply& answer) noexcept {
  return answer.text_at(0) == "registered" || answer.text_at(0) == "taken_over";
}

// ---- packets

take_formatter::take_formatter(const bucket_keys& keys, std::string_view lane,
                               std::string_view generation)
    : keys_{&keys} {
  append_argument(first_keys_, keys.lane(lane));
  append_argument(first_keys_, keys.turns());
  append_argument(generation_, generation);
}

void take_formatter::append(std::string& out, const packet& batches,
                            std::span<const std::uint64_t> marks, const settings& fields) const {
  std::size_t size = 0;
  std::size_t keyed = 0;
  for (const batch& each : batches) {
    size += each.under_way() ? 1U : 0U;
    keyed += each.under_way() && !each.key.empty() ? 1U : 0U;
  }
  append_script_head(out, script_id::take, 2 + keyed, 5 + 3 * size);
  out += first_keys_;
  if (keyed > 0) {
    for (const batch& each : batches) {
      if (each.under_way() && !each.key.empty())
        append_argument(out, keys_->key(fields.loss_token, each.id, each.key));
    }
  }
  out += generation_;
  append_argument(out, fields.sequence);
  append_argument(out, fields.packet);
  append_argument(out, policy_word(fields.policy));
  append_argument(out, static_cast<std::uint64_t>(fields.key_lifetime.count()));
  for (const batch& each : batches) {
    if (each.under_way())
      append_argument(out, each.id.text());
  }
  for (const batch& each : batches) {
    if (each.under_way())
      append_argument(out, each.turns);
  }
  for (std::size_t i = 0; i < marks.size(); ++i) {
    if (batches[i].under_way())
      append_argument(out, marks[i]);
  }
}

take_result read_take_result(const reply& result, std::uint64_t turns) {
  if (result.type == reply::kind::integer) {
    const auto last = static_cast<std::uint64_t>(result.integer);
    if (result.integer <= 0 || last > turn_max || last < turns)
      return {};
    return {.type = take_result::kind::taken,
            .range = {last - turns + 1, turns},
            .found = last - turns};
  }
  return result.is_string() ? read_text(result.text, turns) : take_result{};
}

bool is_refused_packet(const reply& answer) noexcept {
  return answer.text_at(0) == "refused" && answer.elements.size() == 3;
}

bool is_packet_result(const reply& answer) noexcept {
  return !answer.is_error() && !is_refused_packet(answer);
}

// ---- replicas

void append_wait(std::string& out, std::uint32_t replicas, std::chrono::milliseconds timeout) {
  append_command_head(out, 3);
  append_argument(out, "WAIT");
  append_argument(out, std::uint64_t{replicas});
  append_argument(out, static_cast<std::uint64_t>(timeout.count()));
}

// ---- recovery

void append_raise_marks(std::string& out, const bucket_keys& keys, const store_identity& store,
                        loss_policy policy, std::span<const mark> marks) {
  append_script_head(out, script_id::raise_marks, 2, 3 + 2 * marks.size());
  append_argument(out, keys.store());
  append_argument(out, keys.turns());
  append_argument(out, store.store_id);
  append_argument(out, store.run);
  append_argument(out, policy_word(policy));
  for (const auto& [id, turn] : marks)
    append_argument(out, id.text());
  for (const auto& [id, turn] : marks)
    append_argument(out, turn);
}

std::optional<raise_answer> read_raise_answer(const reply& answer, std::size_t marks) {
  const std::string_view word = answer.text_at(0);
  if (word == "foreign")
    return raise_answer{.foreign = true, .behind = {}};
  if (word != "raised" || answer.elements.size() % 2 != 1)
    return std::nullopt;
  raise_answer read;
  for (std::size_t i = 1; i < answer.elements.size(); i += 2) {
    const auto index = answer.natural_at(i);
    const auto found = answer.natural_at(i + 1);
    if (!index || !found || *index >= marks)
      return std::nullopt;
    read.behind.emplace_back(*index, *found);
  }
  return read;
}

void append_report(std::string& out, const bucket_keys& keys, const store_identity& store,
                   const report_command& report) {
  append_script(
      out, script_id::report, std::array<std::string_view, 1>{keys.store()},
      std::array<std::string_view, 8>{store.store_id, store.run, store.instance, report.verdict,
                                      report.may_open ? "1" : "0", report.marks_seen,
                                      report.new_token, report.closing});
}

report_answer read_report_answer(const reply& answer) {
  using kind = report_answer::kind;
  const std::string_view word = answer.text_at(0);
  const std::size_t size = answer.elements.size();
  if (word == "open" && size == 2)
    return {.type = kind::open};
  if (word == "opened" && size == 3)
    return {.type = kind::opened, .names = answer.text_at(2)};
  if (word == "closed" && size == 4)
    return {.type = kind::closed,
            .marks = answer.text_at(1),
            .names = answer.text_at(2),
            .closing = answer.text_at(3)};
  if (word == "foreign" && size == 3)
    return {.type = kind::foreign};
  return {};
}

}  // namespace turnomatic::redis
