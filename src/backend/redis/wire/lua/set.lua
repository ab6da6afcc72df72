-- Sets a counter for an operator.
--
-- KEYS  store record, turns
-- ARGV  store id, id, turn, the turn that must be found or '', forward or force
-- Answers set, ahead or other, with the turn found and whether the counter is halted (1 or 0); or
-- spoilt, with the text found; or foreign. What is no turn counts as 0 where force sets it: so it
-- is shown to operators.

local found_id = redis.call('HGET', KEYS[1], 'id')
if found_id ~= ARGV[1] then
  return {'foreign', found_id or '', ''}
end
local text = redis.call('HGET', KEYS[2], ARGV[2]) or '0'
local halted = string.match(text, '^h(%d+)$')
local turn = tonumber(halted or string.match(text, '^%d+$'))
if not turn or turn > 9007199254740991 then
  if ARGV[5] ~= 'force' then
    return {'spoilt', text}
  end
  turn, halted = 0, nil
end
local answer = {'set', string.format('%.0f', turn), halted and 1 or 0}
if ARGV[4] ~= '' and turn ~= ARGV[4] + 0 then
  answer[1] = 'other'
elseif ARGV[5] ~= 'force' and turn >= ARGV[3] + 0 then
  answer[1] = 'ahead'
else
  redis.call('HSET', KEYS[2], ARGV[2], (halted and 'h' or '') .. ARGV[3])
end
return answer
