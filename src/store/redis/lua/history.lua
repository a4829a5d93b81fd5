--[[ Values of the history. No script by itself. ]]

local call, pack, unpackValues = redis.call, cmsgpack.pack, cmsgpack.unpack
local max, min = math.max, math.min

-- As in distinct-clients.ts.
local KEPT, DIGITS = 256, 10

-- What JavaScript can count to (2^53 - 1).
local MOST = 9007199254740991

--- Adds to what may be below zero.
local function sum(count, more)
  return max(-MOST, min(MOST, count + more))
end

--- As text, because clients that read digit by digit lose the last one.
local function exact(count)
  return string.format('%.0f', count)
end

--- What a token used in an hour or a day: downloads, bytes, refusals by code, sketch of the clients.
local function readBucket(key, start)
  local packed = call('HGET', key, start)
  if packed then return unpackValues(packed) end
  return 0, 0, {}, ''
end

--- Deliveries of a package: downloads, bytes, first and last instant, what is told beside.
local function readTally(packed)
  return unpackValues(packed)
end
