#include "support/redis_keyspace.hpp"

#include <fnmatch.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

namespace turnomatic::support {
namespace {

using hash = redis_keyspace::hash;

// A hash that is not larger is answered whole by HSCAN.
constexpr std::size_t compact_fields_max = 512;
constexpr std::size_t scanned_at_once = 10;

redis_reply wrong_type() {
  return redis_reply::error("WRONGTYPE Operation against a key holding the wrong kind of value");
}

redis_reply no_integer() {
  return redis_reply::error("ERR value is not an integer or out of range");
}

redis_reply syntax_error() {
  return redis_reply::error("ERR syntax error");
}

redis_reply count_of(std::size_t number) {
  return redis_reply::integer(static_cast<std::int64_t>(number));
}

bool is_string(const redis_keyspace& in, std::string_view key) {
  const auto found = in.keys.find(key);
  return found != in.keys.end() && std::holds_alternative<std::string>(found->second.content);
}

// Makes the hash where there is no key; null if the key is of another type.
hash* make_hash(redis_keyspace& in, std::string_view key) {
  auto found = in.keys.find(key);
  if (found == in.keys.end())
    found = in.keys.emplace(key, redis_keyspace::entry{hash{}}).first;
  return std::get_if<hash>(&found->second.content);
}

redis_reply field_of(const hash* from, std::string_view name) {
  if (!from)
    return redis_reply::nil();
  const auto found = from->find(name);
  return found == from->end() ? redis_reply::nil() : redis_reply::bulk(found->second);
}

// ---- strings and keys

redis_reply get(redis_keyspace& in, command_words words) {
  const auto found = in.keys.find(words[1]);
  if (found == in.keys.end())
    return redis_reply::nil();
  const auto* const text = std::get_if<std::string>(&found->second.content);
  return text ? redis_reply::bulk(*text) : wrong_type();
}

// Of the options only the one that our scripts give.
redis_reply set(redis_keyspace& in, command_words words) {
  redis_keyspace::entry made{std::string{words[2]}};
  if (words.size() > 3) {
    if (words.size() != 5 || !equal_without_case(words[3], "PX"))
      return syntax_error();
    made.life_span_ms = redis_integer(words[4]);
    if (!made.life_span_ms)
      return no_integer();
    if (*made.life_span_ms <= 0)
      return redis_reply::error("ERR invalid expire time in 'set' command");
  }
  in.keys.insert_or_assign(std::string{words[1]}, std::move(made));
  return redis_reply::simple("OK");
}

redis_reply del(redis_keyspace& in, command_words words) {
  std::size_t deleted = 0;
  for (const std::string_view key : words.subspan(1)) {
    const auto found = in.keys.find(key);
    if (found == in.keys.end())
      continue;
    in.keys.erase(found);
    ++deleted;
  }
  return count_of(deleted);
}

redis_reply exists(redis_keyspace& in, command_words words) {
  return count_of(static_cast<std::size_t>(std::ranges::count_if(
      words.subspan(1), [&in](std::string_view key) { return in.keys.contains(key); })));
}

redis_reply pexpire(redis_keyspace& in, command_words words) {
  const auto life_span = redis_integer(words[2]);
  if (!life_span)
    return no_integer();
  const auto found = in.keys.find(words[1]);
  if (found == in.keys.end())
    return redis_reply::integer(0);
  if (*life_span <= 0)
    in.keys.erase(found);
  else
    found->second.life_span_ms = life_span;
  return redis_reply::integer(1);
}

// ---- hashes

redis_reply hget(redis_keyspace& in, command_words words) {
  return is_string(in, words[1]) ? wrong_type() : field_of(in.find_hash(words[1]), words[2]);
}

redis_reply hmget(redis_keyspace& in, command_words words) {
  if (is_string(in, words[1]))
    return wrong_type();
  const hash* const from = in.find_hash(words[1]);
  std::vector<redis_reply> values;
  values.reserve(words.size() - 2);
  for (const std::string_view name : words.subspan(2))
    values.push_back(field_of(from, name));
  return redis_reply::array(std::move(values));
}

redis_reply hgetall(redis_keyspace& in, command_words words) {
  if (is_string(in, words[1]))
    return wrong_type();
  std::vector<redis_reply> pairs;
  if (const hash* const from = in.find_hash(words[1])) {
    for (const auto& [name, value] : *from) {
      pairs.push_back(redis_reply::bulk(name));
      pairs.push_back(redis_reply::bulk(value));
    }
  }
  return redis_reply::array(std::move(pairs));
}

redis_reply hlen(redis_keyspace& in, command_words words) {
  if (is_string(in, words[1]))
    return wrong_type();
  const hash* const from = in.find_hash(words[1]);
  return count_of(from ? from->size() : 0);
}

redis_reply hset(redis_keyspace& in, command_words words) {
  if (words.size() % 2 != 0)
    return redis_reply::error("ERR wrong number of arguments for 'hset' command");
  hash* const to = make_hash(in, words[1]);
  if (!to)
    return wrong_type();
  std::size_t added = 0;
  for (std::size_t i = 2; i < words.size(); i += 2) {
    const auto found = to->find(words[i]);
    if (found == to->end()) {
      to->emplace(words[i], words[i + 1]);
      ++added;
    } else {
      found->second = words[i + 1];
    }
  }
  return count_of(added);
}

redis_reply hdel(redis_keyspace& in, command_words words) {
  const auto found = in.keys.find(words[1]);
  if (found == in.keys.end())
    return redis_reply::integer(0);
  hash* const from = std::get_if<hash>(&found->second.content);
  if (!from)
    return wrong_type();
  std::size_t deleted = 0;
  for (const std::string_view name : words.subspan(2)) {
    const auto field = from->find(name);
    if (field == from->end())
      continue;
    from->erase(field);
    ++deleted;
  }
  if (from->empty())
    in.keys.erase(found);
  return count_of(deleted);
}

redis_reply hincrby(redis_keyspace& in, command_words words) {
  const auto step = redis_integer(words[3]);
  if (!step)
    return no_integer();
  if (is_string(in, words[1]))
    return wrong_type();
  std::int64_t value = 0;
  if (const redis_reply before = field_of(in.find_hash(words[1]), words[2]);
      before.type == redis_reply::kind::bulk) {
    const auto read = redis_integer(before.text);
    if (!read)
      return redis_reply::error("ERR hash value is not an integer");
    value = *read;
  }
  if (__builtin_add_overflow(value, *step, &value))
    return redis_reply::error("ERR increment or decrement would overflow");
  make_hash(in, words[1])->insert_or_assign(std::string{words[2]}, std::to_string(value));
  return redis_reply::integer(value);
}

// ---- scans

struct scan_order {
  std::uint64_t cursor{0};
  std::size_t count{scanned_at_once};
  std::string pattern{"*"};
};

// Nothing: what is wrong is in `error`.
std::optional<scan_order> read_scan(command_words words, std::size_t at, redis_reply& error) {
  scan_order order;
  const auto cursor = redis_integer(words[at]);
  if (!cursor || *cursor < 0) {
    error = redis_reply::error("ERR invalid cursor");
    return std::nullopt;
  }
  order.cursor = static_cast<std::uint64_t>(*cursor);
  for (std::size_t i = at + 1; i < words.size(); i += 2) {
    const bool has_value = i + 1 < words.size();
    const auto count = has_value ? redis_integer(words[i + 1]) : std::nullopt;
    if (has_value && equal_without_case(words[i], "MATCH")) {
      order.pattern = words[i + 1];
    } else if (count && *count > 0 && equal_without_case(words[i], "COUNT")) {
      order.count = static_cast<std::size_t>(*count);
    } else {
      error = syntax_error();
      return std::nullopt;
    }
  }
  return order;
}

// What is there from the first call to the last is found, whatever comes and goes between them: a
// cursor is a place in an order that depends on the name alone. 0 begins and ends.
std::uint64_t place_of(std::string_view name) {
  return (std::hash<std::string_view>{}(name) >> 2U) + 1;
}

redis_reply scan_names(
    std::vector<std::string_view> names, const scan_order& order,
    const std::function<void(std::vector<redis_reply>&, std::string_view)>& tell) {
  std::ranges::sort(names, {}, place_of);
  auto at = std::ranges::lower_bound(names, order.cursor, {}, place_of);
  std::vector<redis_reply> found;
  std::uint64_t place = 0;
  for (std::size_t seen = 0; at != names.end(); ++at, ++seen) {
    if (seen >= order.count && place_of(*at) != place)
      break;
    place = place_of(*at);
    if (::fnmatch(order.pattern.c_str(), std::string{*at}.c_str(), 0) == 0)
      tell(found, *at);
  }
  const std::uint64_t next = at == names.end() ? 0 : place_of(*at);
  return redis_reply::array(
      {redis_reply::bulk(std::to_string(next)), redis_reply::array(std::move(found))});
}

redis_reply scan(redis_keyspace& in, command_words words) {
  redis_reply error;
  const auto order = read_scan(words, 1, error);
  if (!order)
    return error;
  std::vector<std::string_view> names;
  for (const auto& [name, value] : in.keys)
    names.push_back(name);
  return scan_names(std::move(names), *order, [](auto& found, std::string_view name) {
    found.push_back(redis_reply::bulk(std::string{name}));
  });
}

redis_reply hscan(redis_keyspace& in, command_words words) {
  redis_reply error;
  auto order = read_scan(words, 2, error);
  if (!order)
    return error;
  if (is_string(in, words[1]))
    return wrong_type();
  static const hash none;
  const hash* const from = in.find_hash(words[1]);
  const hash& fields = from ? *from : none;
  if (fields.size() <= compact_fields_max)
    order->count = compact_fields_max;
  std::vector<std::string_view> names;
  for (const auto& [name, value] : fields)
    names.push_back(name);
  return scan_names(std::move(names), *order, [&fields](auto& found, std::string_view name) {
    found.push_back(redis_reply::bulk(std::string{name}));
    found.push_back(redis_reply::bulk(fields.find(name)->second));
  });
}

constexpr std::array<data_command, 14> commands{{
    {"DEL", -2, true, false, del},
    {"EXISTS", -2, false, false, exists},
    {"GET", 2, false, false, get},
    {"HDEL", -3, true, false, hdel},
    {"HGET", 3, false, false, hget},
    {"HGETALL", 2, false, false, hgetall},
    {"HINCRBY", 4, true, true, hincrby},
    {"HLEN", 2, false, false, hlen},
    {"HMGET", -3, false, false, hmget},
    {"HSCAN", -3, false, false, hscan},
    {"HSET", -4, true, true, hset},
    {"PEXPIRE", 3, true, false, pexpire},
    {"SCAN", -2, false, false, scan},
    {"SET", -3, true, true, set},
}};

}  // namespace

const redis_keyspace::hash* redis_keyspace::find_hash(std::string_view key) const {
  const auto found = keys.find(key);
  return found == keys.end() ? nullptr : std::get_if<hash>(&found->second.content);
}

const data_command* find_data_command(std::string_view name) {
  const auto found = std::ranges::find_if(
      commands, [name](const data_command& each) { return equal_without_case(each.name, name); });
  return found == commands.end() ? nullptr : &*found;
}

bool has_arity(int arity, command_words words) noexcept {
  const int count = static_cast<int>(words.size());
  return arity < 0 ? count >= -arity : count == arity;
}

std::string lower_case(std::string_view text) {
  std::string copy{text};
  std::ranges::transform(copy, copy.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return copy;
}

bool equal_without_case(std::string_view left, std::string_view right) noexcept {
  return left.size() == right.size() && ::strncasecmp(left.data(), right.data(), left.size()) == 0;
}

std::optional<std::int64_t> redis_integer(std::string_view text) noexcept {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || (digits.starts_with('0') && text.size() > 1))
    return std::nullopt;
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

}  // namespace turnomatic::support
