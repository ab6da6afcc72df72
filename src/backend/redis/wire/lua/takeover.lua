-- Gives the record of a lane a new generation, and tells what became of the lane's last packet.
--
-- KEYS  store record, lane record
-- ARGV  store id, run, instance, new generation, life span of a lane record in milliseconds or 0 for
--       none, then each generation that the record may have
-- Answers taken_over, the sequence, the loss token, and the results and the name of the packet with
-- that sequence; or refused with the generation and sequence found; or closed with these, too, and
-- the number of the closing; or foreign.

local store, refusal = meet_store(KEYS[1], ARGV[1], ARGV[2])
if not store then
  return refusal
end
local record = redis.call('HMGET', KEYS[2], 'g', 's', 'r', 'p')
if store.closed then
  return {'closed', record[1] or '', record[2] or '', store.closings}
end
for i = 6, #ARGV do
  if record[1] == ARGV[i] then
    redis.call('HSET', KEYS[2], 'g', ARGV[4])
    lengthen(KEYS[2], ARGV[5])
    stamp(KEYS[1], ARGV[3])
    local results = record[3] and cmsgpack.unpack(record[3]) or {}
    return {'taken_over', record[2], store.token, results, record[4] or ''}
  end
end
return {'refused', record[1] or '', record[2] or ''}
