--[[ Adds to the history, once. Begins with history.lua.
  KEYS[1] number of the writer's last batch   KEYS[2…] whatever the additions name, by its position
  ARGV[1] number of this batch; rises   ARGV[2] additions as JSON, each a list that begins with its kind and the position of its key:
    "usage"  start of the hour or day, the oldest that is kept, ms to live, downloads, bytes, refusals by code, hashes of clients
    "tally"  field, most fields, ms to live, downloads, bytes, first and last instant, what is told beside
    "log"    the oldest instant that is kept, most entries, ms to live, then each instant and entry
  Returns the position (from 0) and the message of each addition that failed, in pairs; the others were added. ]]

local MARK_MS = 86400000
local SAMPLE = 16

local function addClients(sketch, hashes)
  if #hashes == 0 then return sketch end
  local known, all = {}, {}
  for at = 1, #sketch, DIGITS do hashes[#hashes + 1] = string.sub(sketch, at, at + DIGITS - 1) end
  for _, hash in ipairs(hashes) do
    if not known[hash] then
      known[hash] = true
      all[#all + 1] = hash
    end
  end
  table.sort(all)
  return table.concat(all, '', 1, min(#all, KEPT))
end

local function addUsage(key, start, oldest, ttl, downloads, bytes, refusals, clients)
  local field = exact(start)
  if call('HEXISTS', key, field) == 0 then
    for _, each in ipairs(call('HKEYS', key)) do
      if tonumber(each) < oldest then call('HDEL', key, each) end
    end
  end
  local knownDownloads, knownBytes, codes, sketch = readBucket(key, field)
  for code, count in pairs(refusals) do codes[code] = (codes[code] or 0) + count end
  local after = pack(sum(knownDownloads, downloads), sum(knownBytes, bytes), codes, addClients(sketch, clients))
  call('HSET', key, field, after)
  call('PEXPIRE', key, exact(ttl))
end

--- Makes room: of some that are picked by chance the one goes that was longest unused.
local function evict(key)
  local sample, oldest, oldestAt = call('HRANDFIELD', key, SAMPLE, 'WITHVALUES'), nil, nil
  for index = 1, #sample, 2 do
    local _, _, _, lastAt = readTally(sample[index + 1])
    if not oldestAt or lastAt < oldestAt then oldest, oldestAt = sample[index], lastAt end
  end
  if oldest then call('HDEL', key, oldest) end
end

local function addTally(key, field, most, ttl, downloads, bytes, firstAt, lastAt, about)
  local packed = call('HGET', key, field)
  if packed then
    local knownDownloads, knownBytes, knownFirst, knownLast, knownAbout = readTally(packed)
    downloads, bytes = sum(knownDownloads, downloads), sum(knownBytes, bytes)
    if knownLast > lastAt then about = knownAbout end
    firstAt, lastAt = min(firstAt, knownFirst), max(lastAt, knownLast)
  elseif call('HLEN', key) >= most then
    evict(key)
  end
  call('HSET', key, field, pack(downloads, bytes, firstAt, lastAt, about))
  call('PEXPIRE', key, exact(ttl))
end

local function addToLog(key, oldest, most, ttl, ...)
  local entries = { ... }
  for index = 1, #entries, 2 do call('ZADD', key, exact(entries[index]), entries[index + 1]) end
  call('ZREMRANGEBYSCORE', key, '-inf', '(' .. exact(oldest))
  call('ZREMRANGEBYRANK', key, 0, -most - 1)
  call('PEXPIRE', key, exact(ttl))
end

if tonumber(call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then return {} end
-- First of all: a server that takes no writes refuses here, before anything was added.
call('SET', KEYS[1], ARGV[1], 'PX', MARK_MS)

local add, failed = { usage = addUsage, tally = addTally, log = addToLog }, {}
for index, addition in ipairs(cjson.decode(ARGV[2])) do
  local isDone, failure = pcall(add[addition[1]], KEYS[addition[2]], unpack(addition, 3))
  if not isDone then
    failed[#failed + 1] = index - 1
    failed[#failed + 1] = type(failure) == 'table' and failure.err or tostring(failure)
  end
end
return failed
