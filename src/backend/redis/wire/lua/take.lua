-- Takes the turns of one packet: all of them in one step, and only at its place in the lane.
--
-- KEYS  lane record, turns, then the key record of each batch under a client's key
-- ARGV  generation, sequence, name of the packet, halt or skip, life span of a key record in
--       milliseconds, then the ids of all batches, then their counts, then their marks. Those under
--       a client's key come last, and only they may name an id that the packet has named before.
-- Answers refused with the generation and sequence found, or an array with one result a batch:
--   the last turn        count turns were taken, the last of them this
--   t FIRST COUNT FOUND  taken, but fewer or further up than asked for; the counter was at FOUND
--   k FIRST COUNT        these were taken under this key before
--   b FOUND              the counter was at FOUND, behind its mark; it is halted now
--   h TURN               the counter is halted, and is to go on above TURN
--   e                    the counter is at its end
--   x                    the store holds no whole number from 0 to 2^53-1
--   E TEXT               the store refused to read or write, nothing was taken
--
-- The record remembers the sequence, the packet's name and the results. It is written first: where
-- that fails nothing has happened. Where key records or turns cannot be written, each batch that would
-- have changed them has that error for its result.

local last_turn = 9007199254740991

local record = redis.call('HMGET', KEYS[1], 'g', 's')
if record[1] ~= ARGV[1] or tonumber(record[2]) ~= ARGV[2] - 1 then
  return {'refused', record[1] or '', record[2] or ''}
end

local size = (#ARGV - 5) / 3
local counts, marks = 5 + size, 5 + 2 * size
local first_keyed = size - #KEYS + 3
local held = redis.pcall('HMGET', KEYS[2], unpack(ARGV, 6, 5 + size))
local failure = held.err
local results, changes, filled, ranges, others = {}, {}, 0, {}, nil

-- The usual batch needs none of the functions below, and a packet of one id would feel their cost.
for i = 1, failure and 0 or size do
  local found = tonumber(held[i] or '0')
  local last = found and found + ARGV[counts + i]
  if last and last <= last_turn and found >= ARGV[marks + i] + 0 and found % 1 == 0
    and i < first_keyed then
    -- Redis 7.2.0 to 7.2.4 would write 1e+08 for the number.
    changes[filled + 1] = ARGV[5 + i]
    changes[filled + 2] = last < 1e8 and last or string.format('%.0f', last)
    filled = filled + 2
    results[i] = last
  else
    others = others or {}
    others[#others + 1] = i
  end
end

if others then
  local now = {}
  for i = 1, filled, 2 do
    now[changes[i]] = changes[i + 1]
  end

  local function digits(number)
    return string.format('%.0f', number)
  end

  local function change(id, text)
    changes[filled + 1], changes[filled + 2] = id, text
    filled = filled + 2
    now[id] = text
  end

  -- Returns the result, and the range where turns are taken.
  local function take(id, text, count, mark)
    local found = tonumber(text)
    if not found or found < 0 or found > last_turn or found % 1 ~= 0 then
      local halted_at = tonumber(string.match(text, '^h(%d+)$'))
      if not halted_at then
        return 'x'
      end
      if halted_at < mark then
        change(id, 'h' .. digits(mark))
      end
      return 'h ' .. digits(math.max(halted_at, mark))
    end
    if found < mark and ARGV[4] == 'halt' then
      change(id, 'h' .. digits(mark))
      return 'b ' .. digits(found)
    end
    local from = math.max(found, mark)
    if from == last_turn then
      return 'e'
    end
    local last = math.min(from + count, last_turn)
    change(id, digits(last))
    local range = digits(from + 1) .. ' ' .. digits(last - from)
    return last == found + count and last or 't ' .. range .. ' ' .. digits(found), range
  end

  for _, i in ipairs(others) do
    local id, key = ARGV[5 + i], i >= first_keyed and KEYS[3 + i - first_keyed]
    local known = key and (ranges[key] or redis.pcall('GET', key))
    if type(known) == 'table' then
      results[i] = 'E ' .. known.err
    elseif known then
      results[i] = 'k ' .. known
    else
      local result, range =
        take(id, now[id] or held[i] or '0', ARGV[counts + i] + 0, ARGV[marks + i] + 0)
      results[i] = result
      if key then
        ranges[key] = range
      end
    end
  end
end

redis.call('HSET', KEYS[1], 's', ARGV[2], 'p', ARGV[3], 'r', cmsgpack.pack(results))

for key, range in pairs(ranges) do
  failure = failure or redis.pcall('SET', key, range, 'PX', ARGV[5]).err
end
if filled > 0 and not failure then
  local answer = redis.pcall('HSET', KEYS[2], unpack(changes))
  failure = type(answer) == 'table' and answer.err
end
if failure then
  for key in pairs(ranges) do
    redis.call('PEXPIRE', key, 0)
  end
  for i = 1, size do
    local key = i >= first_keyed and KEYS[3 + i - first_keyed]
    if type(results[i]) ~= 'string' or string.find(results[i], '^[tb]') or ranges[key] then
      results[i] = 'E ' .. failure
    end
  end
  redis.call('HSET', KEYS[1], 'r', cmsgpack.pack(results))
end
return results
