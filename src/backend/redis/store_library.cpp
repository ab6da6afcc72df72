#include "backend/redis/store_library.hpp"

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
// is what the counter is set to then. A resolve takes nothing, so it does not drop any; where there
// are twice as many as may be kept it is refused instead.
//
// A store that has lost takes has lost their memos with them. So a counter that is raised to what
// was issued drops all of its memos, and x is what it was raised to: a take sent before, by a
// sender who did not know of all that was issued, may have been executed and lost.
//
// A client's key holds what was taken under it. Whoever finds that takes nothing, and if its
// command was sent before sees to it that the other never will once the key has gone. An empty one
// stands for none: it is written before the counter, so that an error comes before anything was
// taken, and goes again if the take is refused.
//
// Numbers above 10^14 would turn into exponents without a format. Writing is the last step of each
// function, except that a counter is raised before: an error means that nothing was taken.
constexpr std::string_view library_body = R"lua(
local last_turn = 9007199254740991

local function whole(number)
  return string.format('%.0f', number)
end

local function read_memo(text)
  local sequence, first, count = string.match(text, '^(%d+) (%d+) (%d+)$')
  return tonumber(sequence), tonumber(first), tonumber(count)
end

-- All fields but v, x and h.
local function memos_of(key, dropped, halted)
  return redis.call('HLEN', key) - 1 - (dropped > 0 and 1 or 0) - (halted and 1 or 0)
end

local function forget_memos(key)
  local fields, lanes = redis.call('HGETALL', key), {}
  for i = 1, #fields, 2 do
    if #fields[i] > 1 then
      lanes[#lanes + 1] = fields[i]
    end
  end
  if #lanes > 0 then
    redis.call('HDEL', key, unpack(lanes))
  end
end

-- The counter has lost what was taken above it, up to value at least.
local function raise_to(key, value, dropped, halts)
  dropped = math.max(dropped, value)
  if halts then
    redis.call('HSET', key, 'v', whole(value), 'x', whole(dropped), 'h', '1')
  else
    redis.call('HSET', key, 'v', whole(value), 'x', whole(dropped))
  end
  forget_memos(key)
  return dropped
end

-- Drops the oldest quarter of the memos if there are too many, before a take sets the counter to
-- value. Returns the highest turn dropped.
local function make_room(key, limit, dropped, value)
  if memos_of(key, dropped, false) < limit then
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
    local halts = args[7] == 'halt'
    dropped = raise_to(keys[1], fence, dropped, halts)
    if halts then
      return {'behind', value}
    end
    skipped, value, memo = fence - value, fence, nil
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
  local answer, value, dropped, memo, halted = find(keys, args)
  if answer then
    return answer
  elseif not memo and memos_of(keys[1], dropped, halted) >= 2 * tonumber(args[6]) then
    return {'forgotten', value}
  end
  write(keys, args, value, value + 1, 0, dropped, memo)
  return {'none'}
end

-- keys: counter, genesis, key of the client
-- args: as take, the lifetime of that key in ms, whether this was sent before
local function take_once(keys, args)
  if redis.call('GET', keys[2]) ~= args[1] then
    return {'foreign'}
  end
  local known = redis.call('GET', keys[3])
  if known and known ~= '' then
    local before = args[9] == 'again' and resolve(keys, args) or {'none'}
    if before[1] ~= 'none' then
      return before
    end
    local first, count = string.match(known, '^(%d+) (%d+)$')
    return {'known', tonumber(first), tonumber(count)}
  end
  redis.call('SET', keys[3], '', 'PX', args[8])
  local answer = take(keys, args)
  local first, count = answer, tonumber(args[4])
  if type(answer) == 'table' then
    if answer[1] ~= 'taken' then
      redis.call('DEL', keys[3])
      return answer
    end
    first, count = answer[2], answer[3]
  end
  redis.call('SET', keys[3], whole(first) .. ' ' .. whole(count), 'PX', args[8])
  return answer
end

-- keys: genesis, counters; args: genesis, policy, a value a counter
local function raise(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then
    return {'foreign'}
  end
  local behind = {'raised'}
  for i = 2, #keys do
    local held = redis.pcall('HGET', keys[i], 'v')
    local spoilt = type(held) == 'table' and held.err -- somebody has put something else there
    local value, issued = not spoilt and tonumber(held or 0) or 0, tonumber(args[i + 1])
    if value < issued then
      if spoilt then
        redis.log(redis.LOG_WARNING, 'turnomatic: ' .. keys[i] .. ' is no counter')
      else
        local dropped = tonumber(redis.call('HGET', keys[i], 'x') or 0) or 0
        raise_to(keys[i], issued, dropped, args[2] == 'halt')
      end
      behind[#behind + 1] = i - 2
      behind[#behind + 1] = value
    end
  end
  return behind
end

-- Forward, what is remembered of takes stays true: those after it have higher turns. Back, it does
-- not: a memo above the counter would be dropped last, and then stand against every take that
-- comes. So a step back forgets all but that the counter is halted.
-- keys: counter, genesis; args: genesis, turn, force
local function set(keys, args)
  if redis.call('GET', keys[2]) ~= args[1] then
    return {'foreign'}
  end
  local held = redis.call('HMGET', keys[1], 'v', 'h')
  local value, halted = tonumber(held[1] or 0), held[2] and 1 or 0
  local turn = tonumber(args[2])
  if turn <= value and args[3] ~= 'force' then
    return {'ahead', value, halted}
  end
  if turn < value then
    forget_memos(keys[1])
    redis.call('HDEL', keys[1], 'x')
  end
  redis.call('HSET', keys[1], 'v', args[2])
  return {'set', value, halted}
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

}  // namespace

store_library::store_library()
    : name{name_of_library()},
      take{name + "_take"},
      take_once{name + "_take_once"},
      resolve{name + "_resolve"},
      raise{name + "_raise"},
      set{name + "_set"} {
  source = "#!lua name=" + name + "\n";
  source += library_body;
  for (const auto& [function, callback] :
       {std::pair{take, "take"}, std::pair{take_once, "take_once"}, std::pair{resolve, "resolve"},
        std::pair{raise, "raise"}, std::pair{set, "set"}})
    source += "redis.register_function('" + function + "', " + callback + ")\n";
}

const store_library& the_library() {
  static const store_library instance;
  return instance;
}

}  // namespace turnomatic::redis
