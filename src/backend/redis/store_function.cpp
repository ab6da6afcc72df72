#include "backend/redis/store_function.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace turnomatic::redis {
namespace {

// A counter is one hash. Its fields of one letter:
//   v  the last turn taken          x  the highest turn of a memo that was dropped
//   h  set: halted after a loss
// and one memo a lane, under the lane's name: "sequence first count" of its last take.
//
// A take without a memo may be new, or its memo may have been dropped. It carries the highest turn
// that its sender knew of when it was first sent; its memo would have ended above that. So only if
// a memo above it was dropped (x) is there any doubt, and then it is refused.
//
// The memo of a take that was resolved without having been executed has no turns. It keeps a ghost
// from being executed after all, so when it is dropped, every take sent before that is in doubt: x
// is what the counter is set to then. A resolve takes nothing, so it does not drop any.
//
// Numbers above 10^14 would turn into exponents without a format. Writing is the last step of each
// function: an error means that nothing was written.
constexpr std::string_view library_body = R"lua(
local last_turn = 9007199254740991

local function whole(number)
  return string.format('%.0f', number)
end

local function read_memo(text)
  local sequence, first, count = string.match(text, '^(%d+) (%d+) (%d+)$')
  return tonumber(sequence), tonumber(first), tonumber(count)
end

-- Drops the oldest quarter of the memos if there are too many, before a take sets the counter to
-- value. Returns the highest turn dropped.
local function make_room(key, limit, dropped, value)
  if redis.call('HLEN', key) < limit then
    return dropped
  end
  local fields = redis.call('HGETALL', key)
  local memos = {}
  for i = 1, #fields, 2 do
    if #fields[i] > 1 then
      local _, first, count = read_memo(fields[i + 1])
      local last = first + count - 1
      memos[#memos + 1] = {fields[i], last, count > 0 and last or value}
    end
  end
  table.sort(memos, function(a, b) return a[2] < b[2] or a[2] == b[2] and a[1] < b[1] end)
  for i = 1, math.min(#memos, #memos - limit + math.ceil(limit / 4)) do
    redis.call('HDEL', key, memos[i][1])
    dropped = math.max(dropped, memos[i][3])
  end
  return dropped
end

-- keys: counter, genesis
-- args: genesis, lane, sequence, turns, fence, memos kept, policy
local function find(keys, args)
  if redis.call('GET', keys[2]) ~= args[1] then
    return {'foreign'}
  end
  local held = redis.call('HMGET', keys[1], 'v', args[2], 'x', 'h')
  local value, dropped = tonumber(held[1] or 0), tonumber(held[3] or 0)
  if held[2] then
    local sequence, first, count = read_memo(held[2])
    if sequence == tonumber(args[3]) then
      return count > 0 and {'taken', first, count, 0} or {'none'}
    elseif sequence > tonumber(args[3]) then
      return {'superseded'}
    end
  elseif dropped > tonumber(args[5]) then
    return {'forgotten', value}
  end
  return nil, value, dropped, held[2], held[4]
end

local function write(keys, args, value, first, count, dropped, has_memo)
  local memo = whole(tonumber(args[3])) .. ' ' .. whole(first) .. ' ' .. whole(count)
  if has_memo or count == 0 then
    redis.call('HSET', keys[1], 'v', whole(value), args[2], memo)
    return
  end
  local now_dropped = make_room(keys[1], tonumber(args[6]), dropped, value)
  if now_dropped > dropped then
    redis.call('HSET', keys[1], 'v', whole(value), args[2], memo, 'x', whole(now_dropped))
  else
    redis.call('HSET', keys[1], 'v', whole(value), args[2], memo)
  end
end

local function take(keys, args)
  local answer, value, dropped, memo, halted = find(keys, args)
  if answer then
    return answer
  elseif halted then
    return {'halted', value}
  end
  local fence, skipped = tonumber(args[5]), 0
  if value < fence then
    if args[7] == 'halt' then
      redis.call('HSET', keys[1], 'v', whole(fence), 'h', '1')
      return {'behind', value}
    end
    skipped, value = fence - value, fence
  end
  if value >= last_turn then
    return {'exhausted'}
  end
  local count = math.min(tonumber(args[4]), last_turn - value)
  write(keys, args, value + count, value + 1, count, dropped, memo)
  if skipped == 0 and count == tonumber(args[4]) then
    return value + 1
  end
  return {'taken', value + 1, count, skipped}
end

local function resolve(keys, args)
  local answer, value, dropped, memo = find(keys, args)
  if answer then
    return answer
  end
  write(keys, args, value, value + 1, 0, dropped, memo)
  return {'none'}
end

-- keys: genesis, counters; args: genesis, policy, a value a counter
local function raise(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then
    return {'foreign'}
  end
  local behind = {'raised'}
  for i = 2, #keys do
    local value = tonumber(redis.call('HGET', keys[i], 'v') or 0)
    if value < tonumber(args[i + 1]) then
      if args[2] == 'halt' then
        redis.call('HSET', keys[i], 'v', args[i + 1], 'h', '1')
      else
        redis.call('HSET', keys[i], 'v', args[i + 1])
      end
      behind[#behind + 1] = i - 2
      behind[#behind + 1] = value
    end
  end
  return behind
end
)lua";

std::string name_of_library() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::uint64_t hash = XXH3_64bits(library_body.data(), library_body.size());
  std::string name = "turnomatic_";
  for (int i = 0; i < 16; ++i, hash >>= 4U)
    name += digits[hash & 15U];
  return name;
}

struct library {
  std::string name{name_of_library()};
  std::string take{name + "_take"};
  std::string resolve{name + "_resolve"};
  std::string raise{name + "_raise"};
  std::string source;

  library() {
    source = "#!lua name=" + name + "\n";
    source += library_body;
    for (const auto& [function, callback] :
         {std::pair{take, "take"}, std::pair{resolve, "resolve"}, std::pair{raise, "raise"}})
      source += "redis.register_function('" + function + "', " + callback + ")\n";
  }
};

const library& the_library() {
  static const library instance;
  return instance;
}

/// A number as text, without the heap.
class decimal {
 public:
  explicit decimal(std::uint64_t value) {
    end_ = std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr;
  }
  [[nodiscard]] std::string_view text() const noexcept {
    return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
  }

 private:
  std::array<char, std::numeric_limits<std::uint64_t>::digits10 + 1> text_;
  const char* end_;
};

// Wide enough for turn_max; a lane's sequence does not come near it.
constexpr std::size_t padded_size = 16;

// With leading zeros.
void write_padded(char* at, std::uint64_t value) noexcept {
  for (std::size_t i = padded_size; i-- > 0; value /= 10)
    at[i] = static_cast<char>('0' + value % 10);
}

std::string_view name_of(loss_policy policy) noexcept {
  return policy == loss_policy::halt ? "halt" : "skip";
}

std::uint64_t number(const reply& array, std::size_t index) {
  if (index >= array.elements.size() || array.elements[index]->what != reply::kind::integer ||
      array.elements[index]->integer < 0)
    return 0;
  return static_cast<std::uint64_t>(array.elements[index]->integer);
}

// A range that this function can have taken.
bool is_sound(turn_range range, std::uint64_t turns) noexcept {
  return range.first >= 1 && range.count >= 1 && range.count <= turns && range.first <= turn_max &&
         range.count - 1 <= turn_max - range.first;
}

}  // namespace

std::string_view library_source() {
  return the_library().source;
}

std::string_view library_name() {
  return the_library().name;
}

store_commands::store_commands(settings how)
    : how_{std::move(how)},
      counter_prefix_{how_.prefix + ":c:"},
      genesis_key_{how_.prefix + ":genesis"} {}

std::string_view store_commands::key_of(const counter_id& id) {
  key_.assign(counter_prefix_).append(id.text());
  return key_;
}

void store_commands::set_on_loss(loss_policy policy) {
  how_.on_loss = policy;
  templates_ = {};
}

void store_commands::call_with_memo(std::string& out, std::string_view function,
                                    std::string_view key, std::string_view genesis,
                                    std::string_view sequence, std::string_view turns,
                                    std::string_view fence) const {
  append_command(out, std::array<std::string_view, 12>{"FCALL", function, "2", key, genesis_key_,
                                                       genesis, how_.lane, sequence, turns, fence,
                                                       decimal{how_.memos_per_counter}.text(),
                                                       name_of(how_.on_loss)});
}

const store_commands::take_template& store_commands::template_for(std::size_t id_size,
                                                                  std::string_view genesis) {
  take_template& made = templates_[id_size];
  if (!made.bytes.empty() && made.genesis == genesis)
    return made;
  // Bytes that are nowhere else in a command show where to write.
  const std::string id(id_size, '\1');
  const std::string sequence(padded_size, '\2');
  const std::string turns(padded_size, '\3');
  const std::string fence(padded_size, '\4');
  made.bytes.clear();
  call_with_memo(made.bytes, the_library().take, counter_prefix_ + id, genesis, sequence, turns,
                 fence);
  made.genesis = genesis;
  made.id = made.bytes.find(id);
  made.sequence = made.bytes.find(sequence);
  made.turns = made.bytes.find(turns);
  made.fence = made.bytes.find(fence);
  return made;
}

void store_commands::take(std::string& out, const take_call& call) {
  const std::string_view id = call.id.text();
  const take_template& made = template_for(id.size(), call.genesis);
  const std::size_t begin = out.size();
  out.append(made.bytes);
  char* const command = out.data() + begin;
  id.copy(command + made.id, id.size());
  write_padded(command + made.sequence, call.sequence);
  write_padded(command + made.turns, call.turns);
  write_padded(command + made.fence, call.fence);
}

void store_commands::resolve(std::string& out, const take_call& call) {
  call_with_memo(out, the_library().resolve, key_of(call.id), call.genesis,
                 decimal{call.sequence}.text(), decimal{call.turns}.text(),
                 decimal{call.fence}.text());
}

void store_commands::raise(std::string& out, std::string_view genesis,
                           std::span<const std::pair<counter_id, std::uint64_t>> to) {
  std::vector<std::string> texts{std::to_string(to.size() + 1)};
  for (const auto& [id, value] : to)
    texts.emplace_back(key_of(id));
  for (const auto& [id, value] : to)
    texts.push_back(std::to_string(value));
  std::vector<std::string_view> arguments{"FCALL", the_library().raise, texts[0], genesis_key_};
  const auto keys = texts.begin() + 1;
  const auto values = keys + static_cast<std::ptrdiff_t>(to.size());
  arguments.insert(arguments.end(), keys, values);
  arguments.push_back(genesis);
  arguments.push_back(name_of(how_.on_loss));
  arguments.insert(arguments.end(), values, texts.end());
  append_command(out, arguments);
}

void store_commands::take_fast(std::string& out, const counter_id& id, std::uint64_t turns) {
  append_command(
      out, std::array<std::string_view, 4>{"HINCRBY", key_of(id), "v", decimal{turns}.text()});
}

void store_commands::peek(std::string& out, const counter_id& id) {
  append_command(out, std::array<std::string_view, 3>{"HGET", key_of(id), "v"});
}

void store_commands::read_genesis(std::string& out) {
  append_command(out, std::array<std::string_view, 2>{"GET", genesis_key_});
}

void store_commands::found(std::string& out, std::string_view genesis) {
  append_command(out, std::array<std::string_view, 4>{"SET", genesis_key_, genesis, "NX"});
}

void store_commands::load_library(std::string& out) {
  append_command(out, std::array<std::string_view, 3>{"FUNCTION", "LOAD", library_source()});
}

take_answer read_take_answer(const reply& from, std::uint64_t turns) {
  using kind = take_answer::kind;
  if (from.what == reply::kind::integer) {
    const turn_range range{static_cast<std::uint64_t>(from.integer), turns};
    if (from.integer < 1 || !is_sound(range, turns))
      return {};
    return {.what = kind::taken, .range = range};
  }
  if (from.what != reply::kind::array || from.elements.empty() ||
      !from.elements.front()->is_string())
    return {};
  const std::string_view word = from.elements.front()->text;
  if (word == "taken") {
    const turn_range range{number(from, 1), number(from, 2)};
    if (!is_sound(range, turns))
      return {};
    return {.what = kind::taken, .range = range, .skipped = number(from, 3)};
  }
  static constexpr std::array<std::pair<std::string_view, kind>, 7> words{
      {{"none", kind::not_taken},
       {"exhausted", kind::exhausted},
       {"superseded", kind::superseded},
       {"forgotten", kind::forgotten},
       {"foreign", kind::foreign},
       {"behind", kind::behind},
       {"halted", kind::halted}}};
  for (const auto& [known, what] : words) {
    if (word == known)
      return {.what = what, .value = number(from, 1)};
  }
  return {};
}

refusal_kind classify_error(std::string_view text) noexcept {
  const std::string_view code = text.substr(0, text.find(' '));
  if (text.starts_with("ERR Function not found"))
    return refusal_kind::no_function;
  for (const std::string_view later : {"LOADING", "BUSY", "READONLY", "MASTERDOWN", "CLUSTERDOWN",
                                       "TRYAGAIN", "MISCONF", "NOREPLICAS"}) {
    if (code == later)
      return refusal_kind::later;
  }
  if (code == "OOM")
    return refusal_kind::full;
  if (code == "NOAUTH" || code == "NOPERM" || code == "WRONGPASS")
    return refusal_kind::not_permitted;
  return refusal_kind::other;
}

}  // namespace turnomatic::redis
