-- Raises counters to the marks of an instance. Names its run: a command that was sent before a
-- restart must not keep the store closed after it.
--
-- KEYS  store record, turns
-- ARGV  store id, run, halt or skip, then the ids, then their marks
-- Answers raised, then index (from 0) and turn found of each counter that was behind, but not of one
-- that was halted before and stays so though the policy is skip; or foreign. What is no turn is left
-- alone: a take finds it.

local store, refusal = meet_store(KEYS[1], ARGV[1], ARGV[2])
if not store then
  return refusal
end
local size = (#ARGV - 3) / 2
local held = redis.call('HMGET', KEYS[2], unpack(ARGV, 4, 3 + size))
local answer, turns = {'raised'}, {}
for i = 1, size do
  local text, mark = held[i] or '0', ARGV[3 + size + i]
  local halted = string.match(text, '^h(%d+)$')
  local turn = tonumber(halted or string.match(text, '^%d+$'))
  if turn and turn < mark + 0 then
    turns[#turns + 1] = ARGV[3 + i]
    turns[#turns + 1] = (halted or ARGV[3] == 'halt') and 'h' .. mark or mark
    if not halted or ARGV[3] == 'halt' then
      answer[#answer + 1], answer[#answer + 2] = i - 1, turn
    end
  end
end
if store.closed then
  redis.call('HINCRBY', KEYS[1], 'marks', 1)
end
if #turns > 0 then
  redis.call('HSET', KEYS[2], unpack(turns))
end
return answer
