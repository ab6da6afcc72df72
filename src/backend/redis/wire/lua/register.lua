-- Creates the record of a lane, under a name that was never used before.
--
-- KEYS  store record, lane record
-- ARGV  store id, run, instance, generation, life span of a lane record in milliseconds or 0 for none,
--       and whether the lane has lost its last record (1 or 0): the store may have lost counters, too
-- Answers registered and the loss token; or closed and the number of the closing; or foreign with the
-- store id and state found.

local stamp_lifetime = 86400000
local forgotten_max = 1000

local store, refusal = meet_store(KEYS[1], ARGV[1], ARGV[2])
if not store then
  return refusal
end
if ARGV[6] == '1' and not store.closed then
  close(KEYS[1], store, ARGV[2])
end
if store.closed then
  return {'closed', '', '', store.closings}
end
if redis.call('EXISTS', KEYS[2]) == 1 then
  return redis.error_reply('TURNOMATIC the name of this lane was used before')
end
-- Instances that were here a day ago and not since. A stamp of a time to come may be that of an
-- instance that is alive: it counts as one of now, and is old in a moment if nobody renews it.
local stamps, newest, latest = stamps_of(store)
local gone = {}
for name, at in pairs(stamps) do
  if at > latest then
    stamp(KEYS[1], name)
  elseif at < newest - stamp_lifetime and #gone < forgotten_max then
    gone[#gone + 1] = 'alive:' .. name
  end
end
if #gone > 0 then
  redis.call('HDEL', KEYS[1], unpack(gone))
end
redis.call('HSET', KEYS[2], 'g', ARGV[4], 's', '0')
lengthen(KEYS[2], ARGV[5])
stamp(KEYS[1], ARGV[3])
return {'registered', store.token}
