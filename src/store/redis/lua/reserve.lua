--[[ Charges deliveries: each on its own, at once or not at all. Begins with usage.lua and ledger.lua.
  KEYS, three for each delivery:
    usage      packed counters, see usage.lua
    clients    hash: client → downloads, when it was last seen, whether it counts, and when it was first seen
    delivery   of a download its ledger, see ledger.lua; of what is free, the delivery itself
  KEYS, after those, where deliveries are ready:
    traces     hash: name of a call of this process → the deliveries that it settled, as ",position epoch,position epoch," (from 0)
  KEYS, and one for each delivery that takes a place under limitConcurrency:
    places     set: ids of deliveries under way that hold one
  ARGV[1] how many deliveries
  ARGV[2..4] this process's number; highest number given to any process, empty when nobody was asked; numbers of the living, as ",1,7,"
  ARGV[5..7] position of the key of traces ("" none), name of this call, names of those whose traces nobody needs, between spaces
  ARGV, eight for each delivery: id, client, size ("" unknown), now, limits of downloads, clients and bytes ("" none, else whole numbers
    of 0 or more), and the rest, which for a whole download that nothing else is said of is empty, or READY; else ten words
      start, end, kind (download | free), dry (1 | 0), ready (1 | 0), and, or "-" for none: limit of places, position of their key, clients'
      window in ms, rate as "microseconds between requests,burst", start of the counting period
  Returns seven values for each delivery, in their order:
    GRANTED | SETTLED, epoch, downloads charged, bytes reserved, and the counters after it: downloads, clients, bytes
      SETTLED: it is ready, and was settled at once as sent in full
    RATE | CONCURRENCY | DOWNLOADS | CLIENTS | BYTES (the limit that is used up), how much of it is used, ms until it fits (RATE only)
    UNSURE: the answer depends on whether other processes live; nothing was changed, ask again with ARGV[3] and [4]
    FAILED, message: nothing was changed
  and zeroes for what is left of the seven. ]]

local GRANTED, RATE, CONCURRENCY, DOWNLOADS, CLIENTS, BYTES, UNSURE, FAILED, SETTLED = 0, 1, 2, 3, 4, 5, 6, 7, 8
local KEYS_EACH, ARGS_EACH, HEADER = 3, 8, 7
local READY = 'ready'
local REST = '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$'
local CLOCK_SLACK_US = 10000000
local NEVER_MS = 3600000

local ownNumber, highestNumber, living = ARGV[2], tonumber(ARGV[3]), ARGV[4]
local isUnsure
-- What is settled at once, for the trace.
local settled = {}

--- Whoever is not known to be dead lives: numbers rise, so that a number above the highest is of a process that has just begun.
local function isAlive(id)
  local number = string.match(id, '^%d+')
  if number == ownNumber then return true end
  if highestNumber == nil then
    isUnsure = true
    return true
  end
  return tonumber(number) > highestNumber or string.find(living, ',' .. number .. ',', 1, true) ~= nil
end

--- policy/rate.ts. Gives the new state, or nil and how long to wait.
local function judgeRate(rate, busyUntilUs, now)
  local interval, burst = string.match(rate, '^(%d+),(%d+)$')
  interval, burst = tonumber(interval), tonumber(burst)
  if burst == 0 then return nil, NEVER_MS, burst end
  local nowUs, roomUs = floor(now) * 1000, interval * burst
  if not busyUntilUs or busyUntilUs > nowUs + roomUs + CLOCK_SLACK_US then busyUntilUs = nowUs end
  local after = max(busyUntilUs, nowUs) + interval
  local excessUs = after - nowUs - roomUs
  if excessUs <= 0 then return after end
  return nil, max(1, ceil(excessUs / 1000)), burst
end

--- Ids of the dead that hold places, and how many of the living do.
local function countPlaces(key, limit)
  local held = call('SCARD', key)
  if held < limit then return {}, held end
  local dead = {}
  for _, id in ipairs(call('SMEMBERS', key)) do
    if not isAlive(id) then dead[#dead + 1] = id end
  end
  return dead, held - #dead
end

--- Clients that no longer count, as { client, downloads, seen at, first seen at }, and the names of those forgotten so long ago that nothing of theirs
-- can be given back.
local function findStale(key, now, window)
  local stale, gone = {}, {}
  local all = call('HGETALL', key)
  for index = 1, #all, 2 do
    local downloads, seenAt, isCounted, firstAt = unpackValues(all[index + 1])
    if isCounted and now - seenAt >= window then
      stale[#stale + 1] = { all[index], downloads, seenAt, firstAt }
    elseif not isCounted and now - seenAt >= UNDERWAY_MS then
      gone[#gone + 1] = all[index]
    end
  end
  return stale, gone
end

-- One function: handing two dozen values from step to step would cost more than the steps.
local function reserve(k, a)
  local usageKey, clientsKey, deliveryKey = KEYS[k], KEYS[k + 1], KEYS[k + 2]
  local id, client, size, now = ARGV[a], ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  local limitDownloads, limitClients, limitBytes = tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), tonumber(ARGV[a + 6])
  local start, stop, isDownload, isDry, limitPlaces, placesKey, window, rate, periodStart = 0, size, true, false, nil, nil, nil, '-', nil
  local isReady = ARGV[a + 7] == READY
  if not isReady and ARGV[a + 7] ~= '' then
    local kind, dry, ready
    start, stop, kind, dry, ready, limitPlaces, placesKey, window, rate, periodStart = string.match(ARGV[a + 7], REST)
    start, stop, isDownload, isDry, isReady = tonumber(start), tonumber(stop), kind == 'download', dry == '1', ready == '1'
    limitPlaces, placesKey, window = tonumber(limitPlaces), KEYS[tonumber(placesKey) or 0], tonumber(window)
    periodStart = tonumber(periodStart)
  end
  isUnsure = false

  local epoch, downloads, clients, bytes, lastUsedAt, resetAt, busyUntilUs = readUsage(usageKey)
  local isNewPeriod = isLaterPeriod(periodStart, resetAt)
  if isNewPeriod then
    epoch, downloads, clients, bytes, resetAt = epoch + 1, 0, 0, 0, periodStart
  end

  if rate ~= '-' then
    local after, waitMs, burst = judgeRate(rate, busyUntilUs, now)
    if not after then return RATE, burst, waitMs end
    busyUntilUs = after
  end

  local takesPlace, deadPlaces, held = isDownload and limitPlaces, nil, nil
  if takesPlace then
    deadPlaces, held = countPlaces(placesKey, limitPlaces)
    if held + 1 > limitPlaces then
      if isUnsure then return UNSURE end
      return CONCURRENCY, held
    end
  end

  local cost, isSeen, entry, ledger = 0, false, nil, nil
  if isDownload then
    local packed = call('GET', deliveryKey)
    ledger = packed and decodeLedger(unpackValues(packed)) or nil
    if ledger and ledger.epoch ~= epoch then ledger = nil end
    local kind = kindOf(size or UNKNOWN_SIZE, start, stop)
    if ledger == nil and kind == WHOLE then
      cost, isSeen = 1, true
    else
      entry, ledger = { id, start, stop, kind, 0 }, ledger or newLedger()
      cost = admit(ledger, entry, size or UNKNOWN_SIZE, now, isAlive)
      if cost > 0 and isUnsure then return UNSURE end
      isSeen = entry[KIND] ~= PROBE
    end
  end

  if cost > 0 and limitDownloads and downloads + 1 > limitDownloads then return DOWNLOADS, exact(downloads) end

  local owned, seenAt, isKnown, firstAt, stale, gone = nil, nil, false, nil, nil, nil
  if isSeen then
    if not isNewPeriod then owned, seenAt, isKnown, firstAt = readClient(clientsKey, client) end
    if not owned then firstAt = now end
    if isKnown and window and now - seenAt >= window then isKnown = not (limitClients and clients > limitClients) end
    if not isKnown then
      if limitClients and clients + 1 > limitClients then
        if window and not isNewPeriod then
          stale, gone = findStale(clientsKey, now, window)
          clients = clients - #stale
        end
        if clients + 1 > limitClients then return CLIENTS, clients end
      end
      clients = within(clients + 1)
    end
  end

  -- A whole copy that was sent is all of its download: where no other delivery has to do with it, there is nothing to remember.
  local isSettled = isReady and ledger == nil and not takesPlace
  local code, reserved = isSettled and SETTLED or GRANTED, 0
  if limitBytes then
    reserved = size and max(0, stop - start) or max(1, limitBytes - bytes)
    if reserved > 0 and bytes + reserved > limitBytes then return BYTES, exact(bytes) end
  elseif isSettled then
    reserved = stop - start
  end
  bytes = within(bytes + reserved)
  downloads, lastUsedAt = within(downloads + cost), later(lastUsedAt, now)
  if isDry then return code, epoch, cost, exact(reserved), exact(downloads), clients, exact(bytes) end

  writeUsage(usageKey, epoch, downloads, clients, bytes, lastUsedAt, resetAt, busyUntilUs)
  if isNewPeriod then call('UNLINK', clientsKey) end
  if stale then
    for _, each in ipairs(stale) do writeClient(clientsKey, each[1], each[2], each[3], false, each[4]) end
    for _, each in ipairs(gone) do call('HDEL', clientsKey, each) end
  end
  if isSeen then writeClient(clientsKey, client, (owned or 0) + cost, later(seenAt, now), true, firstAt) end
  if isSettled then
    settled[#settled + 1] = string.format('%d %d,', (a - HEADER - 1) / ARGS_EACH, epoch)
    return code, epoch, cost, exact(reserved), exact(downloads), clients, exact(bytes)
  end
  local underway
  if not isDownload then
    underway = (not size or stop > start) and pack(epoch, reserved)
  elseif ledger == nil then
    underway = pack(ONE_COPY, epoch, now, size or UNKNOWN_SIZE, id, start, stop or 0, reserved)
  else
    entry[RESERVED], ledger.epoch = reserved, epoch
    underway = encodeLedger(ledger)
  end
  if underway then call('SET', deliveryKey, underway, 'PX', UNDERWAY_TEXT) end
  if takesPlace then
    for _, each in ipairs(deadPlaces) do call('SREM', placesKey, each) end
    call('SADD', placesKey, id)
    call('PEXPIRE', placesKey, UNDERWAY_TEXT)
  end
  return code, epoch, cost, exact(reserved), exact(downloads), clients, exact(bytes)
end

local tracesKey = KEYS[tonumber(ARGV[5]) or 0]
-- First of all: a server that takes no writes, or has something else there, refuses here, before anything was charged.
if tracesKey then
  call('HSET', tracesKey, ARGV[6], '')
  call('PEXPIRE', tracesKey, UNDERWAY_TEXT)
  for name in string.gmatch(ARGV[7], '%S+') do call('HDEL', tracesKey, name) end
end

local answers, at = {}, 0
for index = 0, tonumber(ARGV[1]) - 1 do
  local isDone, code, first, second, third, fourth, fifth, sixth =
    pcall(reserve, index * KEYS_EACH + 1, HEADER + index * ARGS_EACH + 1)
  if not isDone then
    code, first = FAILED, type(code) == 'table' and code.err or tostring(code)
  end
  answers[at + 1], answers[at + 2], answers[at + 3], answers[at + 4] = code, first or 0, second or 0, third or 0
  answers[at + 5], answers[at + 6], answers[at + 7] = fourth or 0, fifth or 0, sixth or 0
  at = at + 7
end
if #settled > 0 then call('HSET', tracesKey, ARGV[6], ',' .. table.concat(settled)) end
return answers
