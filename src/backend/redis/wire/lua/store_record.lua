-- Every script that reads the store record begins with this file.
--
-- The store record is one hash: format, id, buckets, state, run, token; was, the id of the store that
-- was given up for this one; while the store is closed also closed, awaited, behind and marks; after it
-- was opened without some instances, unheard; closings, how often it was closed; and a field alive:NAME
-- for each instance, with the server's time of its last stamp in milliseconds.

local alive_window = 5000

local function read_store(key)
  local flat, fields = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    fields[flat[i]] = flat[i + 1]
  end
  return fields
end

local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function stamp(key, instance)
  redis.call('HSET', key, 'alive:' .. instance, string.format('%.0f', milliseconds()))
end

local function lengthen(record, life_span)
  if life_span ~= '0' then
    redis.call('PEXPIRE', record, life_span)
  end
end

-- Names are separated by spaces, with one before the first and one after the last.
local function without(names, name)
  local from, to = string.find(names or ' ', ' ' .. name .. ' ', 1, true)
  return from and string.sub(names, 1, from) .. string.sub(names, to + 1) or names or ' '
end

-- The stamp of each instance; the newest of those that the server's clock vouches for; and up to when
-- it does. A clock that was ahead for a while, or has been put back, leaves stamps of a time to come.
local function stamps_of(fields)
  local stamps, newest, latest = {}, 0, milliseconds() + alive_window
  for field, value in pairs(fields) do
    local name = string.match(field, '^alive:(.*)$')
    if name then
      stamps[name] = tonumber(value) or 0
      if stamps[name] <= latest then
        newest = math.max(newest, stamps[name])
      end
    end
  end
  return stamps, newest, latest
end

-- Awaits the instances whose stamp is about as new as the newest, or of a time to come. How old the
-- newest is plays no part: in an old snapshot all stamps are old.
local function close(key, fields, run)
  local stamps, newest = stamps_of(fields)
  local names = {}
  for name, at in pairs(stamps) do
    if at >= newest - alive_window then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  local awaited = ' '
  for _, name in ipairs(names) do
    awaited = awaited .. name .. ' '
  end
  redis.call('HDEL', key, 'behind', 'marks', 'unheard')
  redis.call('HSET', key, 'run', run, 'closed', '1', 'awaited', awaited)
  fields.run, fields.closed, fields.awaited = run, '1', awaited
  fields.behind, fields.marks, fields.unheard = nil, nil, nil
  fields.closings = string.format('%.0f', redis.call('HINCRBY', key, 'closings', 1))
end

-- The first who meets another run than the one that was counted on closes the store.
--
-- A full store refuses the first write of a script if that may need memory, and no write after one
-- that it let through; HDEL needs none. So lanes come and go, and a recovery ends, on a full store:
-- it refuses takes alone.
local function meet_store(key, id, run)
  local fields = read_store(key)
  if fields.id ~= id or fields.state ~= 'ready' then
    return nil, {'foreign', fields.id or '', fields.state or ''}
  end
  redis.call('HDEL', key, '')
  fields.closings = fields.closings or '0'
  if fields.run ~= run then
    close(key, fields, run)
  end
  return fields
end
