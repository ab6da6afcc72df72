-- wrk: GETs over many ids, drawn uniformly.  wrk ... URL -- COUNT SEED
-- The requests are made before the clock starts; while it runs, one draw a request is left,
-- and that is the generator's cost, not the server's. The ids are fill_counters' ids; they take the place of
-- the one in the URL.
local requests = {}
local count

function init(args)
  count = tonumber(args[1]) or 100000
  math.randomseed(tonumber(args[2]) or 1)
  local prefix = wrk.path:match("^.*/")
  for i = 1, count do
    requests[i] = wrk.format("GET", string.format("%sc%015d", prefix, i - 1))
  end
end

function request()
  return requests[math.random(count)]
end
