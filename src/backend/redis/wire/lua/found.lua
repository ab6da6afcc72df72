-- Founds a store where there is none.
--
-- KEYS  store record
-- ARGV  format, store id, number of buckets, run, loss token, and the id of the store that an operator
--       has given up for this one, or ''
-- Answers founded; or found, with what is there: format, store id, number of buckets, state, was.
--
-- In place of a store that was given up it begins closed: whoever has counted on that one follows, and
-- raises the counters to its marks before anybody counts.

local there = redis.call('HMGET', KEYS[1], 'format', 'id', 'buckets', 'state', 'was')
if there[2] then
  return {'found', there[1] or '', there[2], there[3] or '', there[4] or '', there[5] or ''}
end
redis.call('HSET', KEYS[1], 'format', ARGV[1], 'id', ARGV[2], 'buckets', ARGV[3], 'run', ARGV[4],
  'token', ARGV[5], 'state', 'ready')
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[1], 'was', ARGV[6], 'closed', '1', 'awaited', ' ')
end
return {'founded'}
