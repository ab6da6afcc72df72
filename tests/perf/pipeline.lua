-- wrk: GETs of one id, several in one write.  wrk ... URL -- DEPTH
-- wrk counts every answer, but its latencies mean nothing here: it takes one per batch and
-- then corrects it by the rate of single answers.
local batch

function init(args)
  batch = string.rep(wrk.format("GET", wrk.path), tonumber(args[1]) or 16)
end

function request()
  return batch
end
