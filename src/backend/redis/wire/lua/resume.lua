-- Lets a halted counter go on, above the mark of the instance that is asked.
--
-- KEYS  store record, turns
-- ARGV  store id, id, mark
-- Answers resumed with the turn from which it goes on and whether it was halted (1 or 0); or
-- spoilt, with the text found; or foreign.

local found_id = redis.call('HGET', KEYS[1], 'id')
if found_id ~= ARGV[1] then
  return {'foreign', found_id or '', ''}
end
local text = redis.call('HGET', KEYS[2], ARGV[2])
local halted = string.match(text or '', '^h(%d+)$')
local turn = tonumber(halted or string.match(text or '0', '^%d+$'))
if not turn or turn > 9007199254740991 then
  return {'spoilt', text}
end
local on = string.format('%.0f', math.max(turn, ARGV[3] + 0))
if text and text ~= on or not text and on ~= '0' then
  redis.call('HSET', KEYS[2], ARGV[2], on)
end
return {'resumed', on, halted and 1 or 0}
