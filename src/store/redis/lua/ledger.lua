--[[ Which deliveries of one artifact to one client are one download: policy/ledger.ts and policy/intervals.ts, function by function.
  Those files say why; test/store/redis/ledger.test.ts compares the two. No script by itself: reserve.lua and settle.lua begin with it, after usage.lua.

  A ledger is a table: epoch, openedAt, size (-1: unknown), charges, sent, probeDay, probeBytes,
  covered (pairs of offsets), underway (entries { id, start, end, kind, reserved bytes }). Changed in place. ]]

local HOUR_MS, DAY_MS = 3600000, 86400000
local PROBE_BYTES, PROBE_SHARE = 131072, 8
local MOST_INTERVALS = 64
local UNKNOWN_SIZE = -1

local ID, START, STOP, KIND, RESERVED = 1, 2, 3, 4, 5
local WHOLE, PART, PROBE, LATE = 'w', 'p', 'b', 'l'

local floor, ceil = math.floor, math.ceil

local function addInterval(intervals, start, stop)
  if stop <= start then return intervals end
  local merged, first, last, isPlaced = {}, start, stop, false
  for _, each in ipairs(intervals) do
    if each[2] < start then
      merged[#merged + 1] = each
    elseif each[1] > stop then
      if not isPlaced then merged[#merged + 1] = { first, last } end
      isPlaced = true
      merged[#merged + 1] = each
    else
      first, last = min(first, each[1]), max(last, each[2])
    end
  end
  if not isPlaced then merged[#merged + 1] = { first, last } end
  return #merged > MOST_INTERVALS and intervals or merged
end

local function coversWhole(intervals, size)
  local first = intervals[1]
  return first ~= nil and first[1] <= 0 and first[2] >= size
end

local function isPaid(entry)
  return entry[KIND] == WHOLE or entry[KIND] == PART
end

local function lengthOf(entry)
  return max(0, entry[STOP] - entry[START])
end

local function kindOf(size, start, stop)
  return (size == UNKNOWN_SIZE or (start <= 0 and stop >= size)) and WHOLE or PART
end

--- Only the entries for which `keeps` holds stay under way.
local function filterUnderway(ledger, keeps)
  local kept = {}
  for _, entry in ipairs(ledger.underway) do
    if keeps(entry) then kept[#kept + 1] = entry end
  end
  ledger.underway = kept
end

local function completes(ledger)
  if ledger.size == UNKNOWN_SIZE then return false end
  local all, parts = ledger.covered, 0
  for _, entry in ipairs(ledger.underway) do
    if entry[KIND] == PART then
      all, parts = addInterval(all, entry[START], entry[STOP]), parts + 1
    end
  end
  return parts > 0 and coversWhole(all, ledger.size)
end

local function copiesDue(ledger)
  local paid, copies = 0, 0
  for _, entry in ipairs(ledger.underway) do
    if isPaid(entry) then paid = paid + 1 end
    if entry[KIND] == WHOLE then copies = copies + 1 end
  end
  if completes(ledger) then copies = copies + 1 end
  return paid > 0 and max(copies, 1) or copies
end

local function spentBy(ledger)
  if ledger.size <= 0 then return 0 end
  local bytes = ledger.sent
  for _, entry in ipairs(ledger.underway) do
    if isPaid(entry) then bytes = bytes + lengthOf(entry) end
  end
  return max(0, bytes / (2 * ledger.size))
end

local function close(ledger)
  for _, entry in ipairs(ledger.underway) do
    if isPaid(entry) then entry[KIND] = LATE end
  end
  ledger.sent, ledger.covered = 0, {}
end

local function bringUpToDate(ledger, size, now, isAlive)
  filterUnderway(ledger, function(entry) return isAlive(entry[ID]) end)
  if ledger.size ~= size or now >= ledger.openedAt + HOUR_MS then
    close(ledger)
    ledger.size, ledger.charges = size, 0
  end
  local today = floor(now / DAY_MS)
  if ledger.probeDay == today then return end
  for _, entry in ipairs(ledger.underway) do
    if entry[KIND] == PROBE then entry[KIND] = LATE end
  end
  ledger.probeDay, ledger.probeBytes = today, 0
end

local function fitsProbe(ledger, entry)
  if entry[KIND] == WHOLE or ledger.size == UNKNOWN_SIZE then return false end
  return ledger.probeBytes + lengthOf(entry) <= min(PROBE_BYTES, floor(ledger.size / PROBE_SHARE))
end

local function newLedger()
  return {
    openedAt = 0, size = UNKNOWN_SIZE, charges = 0, sent = 0, probeDay = 0, probeBytes = 0,
    covered = {}, underway = {},
  }
end

--- Takes `entry` in; gives what it costs, 0 or 1.
local function admit(ledger, entry, size, now, isAlive)
  bringUpToDate(ledger, size, now, isAlive)
  local underway, spent = ledger.underway, spentBy(ledger)
  underway[#underway + 1] = entry
  if max(copiesDue(ledger), floor(spent) + 1) <= ledger.charges then return 0 end
  if fitsProbe(ledger, entry) then
    ledger.probeBytes, entry[KIND] = ledger.probeBytes + lengthOf(entry), PROBE
    return 0
  end
  if ledger.charges == 0 then
    local kind = entry[KIND]
    close(ledger)
    entry[KIND] = kind
  end
  ledger.openedAt, ledger.charges = now, ledger.charges + 1
  return 1
end

local function finishDownload(ledger)
  ledger.charges = max(0, ledger.charges - 1)
  ledger.sent = ledger.size == UNKNOWN_SIZE and 0 or ledger.sent - 2 * ledger.size
end

local function countPart(ledger, entry, sent)
  ledger.sent = ledger.sent + sent
  ledger.covered = addInterval(ledger.covered, entry[START], min(entry[START] + sent, entry[STOP]))
  if ledger.size == UNKNOWN_SIZE then return end
  if coversWhole(ledger.covered, ledger.size) or ledger.sent >= 2 * ledger.size then
    ledger.covered = {}
    finishDownload(ledger)
  end
end

local function countWhole(ledger, entry, sent)
  local isCopy = sent >= ledger.size
  if ledger.size == UNKNOWN_SIZE then isCopy = sent > 0 end
  if not isCopy then return countPart(ledger, entry, sent) end
  ledger.sent = ledger.sent + sent
  finishDownload(ledger)
end

local function hasPaidUnderway(ledger)
  for _, entry in ipairs(ledger.underway) do
    if isPaid(entry) then return true end
  end
  return false
end

--- Ends the delivery `id`; gives how many downloads are to be given back, and its entry, or nil when it is not under way.
local function conclude(ledger, id, sent)
  local ended
  filterUnderway(ledger, function(entry)
    if entry[ID] == id then ended = entry end
    return entry[ID] ~= id
  end)
  if ended == nil or ended[KIND] == LATE then return 0, ended end
  if ended[KIND] == PROBE then
    ledger.probeBytes = ledger.probeBytes - max(0, lengthOf(ended) - sent)
    return 0, ended
  end
  if ended[KIND] == WHOLE then countWhole(ledger, ended, sent) else countPart(ledger, ended, sent) end
  local refund = max(0, ledger.charges - max(copiesDue(ledger), ceil(spentBy(ledger))))
  ledger.charges = ledger.charges - refund
  if ledger.charges == 0 and not hasPaidUnderway(ledger) then close(ledger) end
  return refund, ended
end

--- Until when the ledger says something that a later delivery needs; 0: it says nothing.
local function neededUntil(ledger)
  local open = ledger.charges > 0 and ledger.openedAt + HOUR_MS or 0
  local probed = ledger.probeBytes > 0 and (ledger.probeDay + 1) * DAY_MS or 0
  return max(open, probed)
end

-- Two forms are kept: most ledgers are one whole copy under way, and numbers in a row are quicker than tables.
local ONE_COPY, ANY = 20, 21

local function encodeLedger(ledger)
  return pack(
    ANY, ledger.epoch, ledger.openedAt, ledger.size, ledger.charges, ledger.sent, ledger.probeDay, ledger.probeBytes,
    ledger.covered, ledger.underway
  )
end

local function decodeLedger(form, epoch, openedAt, size, ...)
  local ledger = { epoch = epoch, openedAt = openedAt, size = size }
  if form == ONE_COPY then
    local id, start, stop, reserved = ...
    ledger.charges, ledger.sent, ledger.probeDay, ledger.probeBytes = 1, 0, floor(openedAt / DAY_MS), 0
    ledger.covered, ledger.underway = {}, { { id, start, stop, WHOLE, reserved } }
  else
    assertForm(ANY, form)
    ledger.charges, ledger.sent, ledger.probeDay, ledger.probeBytes, ledger.covered, ledger.underway = ...
  end
  return ledger
end
