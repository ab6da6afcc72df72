-- A sign of life, now and then, from both sides: stamps the instance alive, lengthens the life of
-- the lane's record, and finds out whether that is where the lane left it.
--
-- KEYS  store record, lane record
-- ARGV  store id, run, instance, life span of a lane record in milliseconds or 0 for none
-- Answers refreshed, the record's generation and sequence, the loss token, and the names of the
-- instances that a recovery did not hear; or closed, or foreign.

local store, refusal = meet_store(KEYS[1], ARGV[1], ARGV[2])
if not store then
  return refusal
end
if store.closed then
  return {'closed', '', '', store.closings}
end
stamp(KEYS[1], ARGV[3])
local unheard = without(store.unheard, ARGV[3])
if store.unheard and unheard ~= store.unheard then
  redis.call('HSET', KEYS[1], 'unheard', unheard)
end
lengthen(KEYS[2], ARGV[4])
local record = redis.call('HMGET', KEYS[2], 'g', 's')
return {'refreshed', record[1] or '', record[2] or '', store.token, unheard}
