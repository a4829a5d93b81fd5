--[[ The counters of a token, kept as one packed value because they are read and written together. No script by itself. ]]

local call, pack, unpackValues = redis.call, cmsgpack.pack, cmsgpack.unpack
local max, min = math.max, math.min

-- What JavaScript can count to (2^53 - 1).
local MOST = 9007199254740991
-- What is under way is remembered so long: the longest delivery whose end is still counted.
local UNDERWAY_MS = 604800000
local UNDERWAY_TEXT = '604800000'

-- What is packed begins with the number of its form, so that what is not ours is not taken for counters.
local USAGE_FORM = 10

local function assertForm(expected, form, ...)
  if form ~= expected then error('a value of another form, or of something else', 0) end
  return ...
end

--- epoch, downloads, clients, bytes, and lastUsedAt, resetAt, busyUntilUs, which are false where there is none.
local function readUsage(key)
  local packed = call('GET', key)
  if packed then return assertForm(USAGE_FORM, unpackValues(packed)) end
  return 0, 0, 0, 0, false, false, false
end

--- True when the period that begins then is later than that of the counters, which count as zero in it; not when there is no schedule.
local function isLaterPeriod(periodStart, resetAt)
  return periodStart and (not resetAt or periodStart > resetAt)
end

local function writeUsage(key, ...)
  call('SET', key, pack(USAGE_FORM, ...))
end

--- What a counter may hold.
local function within(count)
  return max(0, min(MOST, count))
end

--- A counter as an answer: as text where clients that read digit by digit lose the last one.
local function exact(count)
  return count < 9000000000000000 and count or string.format('%.0f', count)
end

local function later(lastUsedAt, now)
  return lastUsedAt and max(lastUsedAt, now) or now
end

--- A client's downloads, when it was last seen, whether it counts, and when it was first seen; nil for an unknown one. One that was
-- forgotten keeps its downloads, so that refunds go where they belong, but does not count. Older versions did not note the first time.
local function readClient(key, client)
  local packed = call('HGET', key, client)
  if packed then return unpackValues(packed) end
end

local function writeClient(key, client, downloads, seenAt, isCounted, firstAt)
  call('HSET', key, client, pack(within(downloads), seenAt, isCounted, firstAt))
end

--- Takes downloads back; true when the client has none left and no longer counts.
local function subtractClient(key, client, downloads)
  local owned, seenAt, isCounted, firstAt = readClient(key, client)
  if not owned then return false end
  if owned > downloads then
    writeClient(key, client, owned - downloads, seenAt, isCounted, firstAt)
    return false
  end
  call('HDEL', key, client)
  return isCounted
end
