-- What an instance has to say while the store is closed, and whether it may open.
--
-- KEYS  store record
-- ARGV  store id, run, instance, in_place, behind or '' where that is not known yet, whether the
--       grace has passed for the instance (1 or 0), the number of marks commands that it saw last or
--       any, the loss token to set where something may have been lost, and the number of the closing
-- Answers open with the loss token; opened with that and the names that were not heard; closed
-- with the number of marks commands, the names that are awaited and the number of the closing; or
-- foreign. In another closing the report counts for nothing.

local store, refusal = meet_store(KEYS[1], ARGV[1], ARGV[2])
if not store then
  return refusal
end
if not store.closed then
  return {'open', store.token}
end
local marks = store.marks or '0'
if ARGV[8] ~= store.closings then
  return {'closed', marks, store.awaited, store.closings}
end
stamp(KEYS[1], ARGV[3])
if ARGV[4] ~= '' then
  store.awaited = without(store.awaited, ARGV[3])
  redis.call('HSET', KEYS[1], 'awaited', store.awaited)
  if ARGV[4] == 'behind' then
    store.behind = '1'
    redis.call('HSET', KEYS[1], 'behind', '1')
  end
end
if ARGV[5] ~= '1' or ARGV[6] ~= marks and ARGV[6] ~= 'any' then
  return {'closed', marks, store.awaited, store.closings}
end
if store.behind or store.awaited ~= ' ' then
  store.token = ARGV[7]
end
redis.call('HSET', KEYS[1], 'token', store.token, 'unheard', store.awaited)
redis.call('HDEL', KEYS[1], 'closed', 'awaited', 'behind', 'marks')
return {'opened', store.token, store.awaited}
