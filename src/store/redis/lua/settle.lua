--[[ Corrects deliveries to what was sent of them: each on its own, once. Begins with usage.lua and ledger.lua.
  KEYS, three for each delivery, as in reserve.lua: usage, clients, delivery; after those, places of each delivery that holds one, and traces
    of each that may have been settled at once
  ARGV[1] how many deliveries
  ARGV, five for each delivery: id, client, body bytes sent, now, and "" for a download, "free", the position of the key of places, or of
    what may have been settled at once, to be taken back: position of the key of traces, bytes and downloads that it was charged, and
      settled, epoch     it was
      lost, call, place  it was if the trace of this call names it; else it is ended as one under way, if it is
  Returns for each delivery how many downloads were given back; or the message of why it failed: then it changed nothing. ]]

local KEYS_EACH, ARGS_EACH, HEADER = 3, 5, 1

--- The epoch of a free delivery, what it reserved, and 0 to be given back; nil when it is not under way.
local function endFree(key)
  local packed = call('GET', key)
  if not packed then return nil end
  call('DEL', key)
  local epoch, reserved = unpackValues(packed)
  return epoch, reserved, 0
end

--- The same of a download. What is left of an earlier epoch ends like any other.
local function endDownload(key, id, sent, now)
  local packed = call('GET', key)
  if not packed then return nil end
  local form, epoch, _, size, onlyId, _, _, reservedByIt = unpackValues(packed)
  if form == ONE_COPY and onlyId == id and sent == size then
    call('DEL', key)
    return epoch, reservedByIt, 0
  end
  local ledger = decodeLedger(unpackValues(packed))
  local refund, ended = conclude(ledger, id, sent)
  if not ended then return nil end
  local ttl = UNDERWAY_MS
  if #ledger.underway == 0 then ttl = ceil(neededUntil(ledger) - now) end
  if ttl > 0 then
    call('SET', key, encodeLedger(ledger), 'PX', ttl)
  else
    call('DEL', key)
  end
  return epoch, ended[RESERVED], refund
end

--- The epoch of what was settled at once, the bytes and the downloads that it was charged; nil when there is nothing to take back.
local function takeBack(tracesKey, id, reserved, charged, sort, rest)
  if sort == 'settled' then
    -- The answer to this may be lost too.
    if call('HSETNX', tracesKey, 'taken:' .. id, '') == 0 then return nil end
    call('PEXPIRE', tracesKey, UNDERWAY_TEXT)
    return tonumber(rest), reserved, charged
  end
  local name, place = string.match(rest, '^(%S+) (%S+)$')
  local trace = call('HGET', tracesKey, name)
  local first, last, epoch = string.find(trace or '', ',' .. place .. ' (%d+),')
  if not first then return nil end
  call('HSET', tracesKey, name, string.sub(trace, 1, first) .. string.sub(trace, last + 1))
  return tonumber(epoch), reserved, charged
end

local function settle(k, a)
  local usageKey, clientsKey, deliveryKey = KEYS[k], KEYS[k + 1], KEYS[k + 2]
  local id, client, sent, now, kind = ARGV[a], ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), ARGV[a + 4]
  local currentEpoch, downloads, clients, bytes, lastUsedAt, resetAt, busyUntilUs = readUsage(usageKey)

  local epoch, reserved, refund
  local traces, takenBytes, taken, sort, rest = string.match(kind, '^(%d+) (%d+) (%d+) (%a+) (.+)$')
  if traces then
    epoch, reserved, refund = takeBack(KEYS[tonumber(traces)], id, tonumber(takenBytes), tonumber(taken), sort, rest)
    if not epoch and sort == 'lost' then kind = taken == '0' and 'free' or '' end
  end
  if kind == 'free' then
    epoch, reserved, refund = endFree(deliveryKey)
  elseif kind == '' or not traces then
    if kind ~= '' then call('SREM', KEYS[tonumber(kind)], id) end
    epoch, reserved, refund = endDownload(deliveryKey, id, sent, now)
  end
  if epoch ~= currentEpoch then return 0 end

  if refund > 0 and subtractClient(clientsKey, client, refund) then clients = within(clients - 1) end
  downloads, bytes = within(downloads - refund), within(bytes + sent - reserved)
  writeUsage(usageKey, epoch, downloads, clients, bytes, later(lastUsedAt, now), resetAt, busyUntilUs)
  return refund
end

local answers = {}
for index = 0, tonumber(ARGV[1]) - 1 do
  local isDone, answer = pcall(settle, index * KEYS_EACH + 1, HEADER + index * ARGS_EACH + 1)
  if not isDone then answer = type(answer) == 'table' and answer.err or tostring(answer) end
  answers[index + 1] = answer
end
return answers
