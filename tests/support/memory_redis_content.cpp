// What a Redis in memory holds, and its account of what was taken.
#include "support/memory_redis.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace turnomatic::redis {
namespace {

using support::redis_reply;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
    throw std::logic_error{"no turn: " + std::string{text}};
  return value;
}

// The next word of a result.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

}  // namespace

// ---- what happens to it

void memory_redis::restart_with(const snapshot& older) {
  databases_ = older;
  scripts_.clear();
  config.condition = condition::well;
  ++runs_;
  replicate();
  streams_ = 0;
  was_promoted_ = false;
}

void memory_redis::be_replica_and_primary_again(const snapshot& of_the_other) {
  databases_ = of_the_other;
  ++streams_;
  was_promoted_ = true;
}

void memory_redis::attach_first_replica() {
  ++streams_;
  was_promoted_ = false;
}

void memory_redis::expire_key(const std::string& key) {
  if (!life_span_ms(key))
    throw std::logic_error{"a key that never expires: " + key};
  databases_[0].keys.erase(key);
}

void memory_redis::refuse(std::string_view name, std::string error) {
  const std::string key{support::lower_case(name)};
  if (error.empty())
    refusals_.erase(key);
  else
    refusals_.insert_or_assign(key, std::move(error));
}

// ---- what it holds

const std::string* memory_redis::find_field(std::string_view key, std::string_view name) const {
  const auto space = databases_.find(0);
  const auto* const hash =
      space == databases_.end() ? nullptr : space->second.find_hash(base_ + std::string{key});
  if (!hash)
    return nullptr;
  const auto found = hash->find(name);
  return found == hash->end() ? nullptr : &found->second;
}

std::uint64_t memory_redis::turn(std::string_view id) const {
  const std::string* const text = find_field("turns", id);
  if (!text)
    return 0;
  return number(halted(id) ? std::string_view{*text}.substr(1) : *text);
}

bool memory_redis::halted(std::string_view id) const {
  const std::string* const text = find_field("turns", id);
  return text && text->starts_with('h');
}

std::string memory_redis::store_field(std::string_view name) const {
  const std::string* const text = find_field("store", name);
  return text ? *text : std::string{};
}

std::string memory_redis::lane_field(std::string_view lane, std::string_view name) const {
  const std::string* const text = find_field("lane:" + std::string{lane}, name);
  return text ? *text : std::string{};
}

std::vector<std::string> memory_redis::lane_records() const {
  std::vector<std::string> records;
  if (const auto space = databases_.find(0); space != databases_.end()) {
    for (const auto& [key, value] : space->second.keys) {
      if (key.starts_with(base_ + "lane:"))
        records.push_back(key);
    }
  }
  return records;
}

std::optional<std::int64_t> memory_redis::life_span_ms(std::string_view key) const {
  const auto space = databases_.find(0);
  if (space == databases_.end())
    return std::nullopt;
  const auto found = space->second.keys.find(key);
  return found == space->second.keys.end() ? std::nullopt : found->second.life_span_ms;
}

// ---- the account

// By the answer of take.lua; `said` begins with the keys.
void memory_redis::account(words said, const reply& answer) {
  if (answer.type != reply::kind::array || answer.elements.at(0).text == "refused")
    return;
  const std::size_t results = answer.elements.size();
  const std::size_t ids = said.size() - 3 * results;
  const std::string_view record = said[0];
  const std::string lane{record.substr(record.rfind(':') + 1)};
  for (std::size_t i = 0; i < results; ++i) {
    const reply& result = answer.elements[i];
    if (result.type == reply::kind::integer) {
      const std::uint64_t count = number(said[ids + results + i]);
      const auto last = static_cast<std::uint64_t>(result.number);
      taken_.push_back({std::string{said[ids + i]}, last - count + 1, count, lane});
    } else if (result.text.starts_with("t ")) {
      std::string_view rest = std::string_view{result.text}.substr(2);
      const std::uint64_t first = number(take_word(rest));
      taken_.push_back({std::string{said[ids + i]}, first, number(take_word(rest)), lane});
    }
  }
}

std::uint64_t memory_redis::turns_taken() const noexcept {
  std::uint64_t sum = 0;
  for (const taken_range& each : taken_)
    sum += each.count;
  return sum;
}

std::vector<std::string> memory_redis::take_log() {
  return std::exchange(*log_, {});
}

}  // namespace turnomatic::redis
