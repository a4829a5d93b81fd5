--[[ Adds traffic that guards no limit to the counters of tokens, once. Begins with usage.lua.
  KEYS[1] number of the writer's last chunk, so that one sent again after a lost answer is not added again; or 1 when this part of a batch
    was added
  KEYS, two for each token: usage, clients
  ARGV[1] number of this chunk; rises. Of a batch 1    ARGV[2] how long KEYS[1] is kept, in ms
  ARGV, for each token: downloads, bytes, last used at, start of the counting period ("" none), how many clients, then each client and its
    downloads
  Returns the position (from 0) and the message of each token that failed, in pairs; the others were added. ]]

local function countClients(key, clients)
  local difference = 0
  for _, each in ipairs(clients) do
    local client, downloads = each[1], each[2]
    if downloads < 0 and subtractClient(key, client, -downloads) then difference = difference - 1 end
    if downloads > 0 then
      local owned, seenAt, isCounted, firstAt = readClient(key, client)
      if not isCounted then difference = difference + 1 end
      if not owned then firstAt = each[3] end
      writeClient(key, client, (owned or 0) + downloads, later(seenAt, each[3]), true, firstAt)
    end
  end
  return difference
end

local function record(usageKey, clientsKey, more, periodStart, clientsSeen)
  local epoch, downloads, clients, bytes, lastUsedAt, resetAt, busyUntilUs = readUsage(usageKey)
  local isNewPeriod = isLaterPeriod(periodStart, resetAt)
  if isNewPeriod then
    epoch, downloads, clients, bytes, resetAt = epoch + 1, 0, 0, 0, periodStart
  end
  if resetAt and more.lastUsedAt < resetAt then return end
  if isNewPeriod then call('UNLINK', clientsKey) end
  clients = within(clients + countClients(clientsKey, clientsSeen))
  downloads, bytes = within(downloads + more.downloads), within(bytes + more.bytes)
  writeUsage(usageKey, epoch, downloads, clients, bytes, later(lastUsedAt, more.lastUsedAt), resetAt, busyUntilUs)
end

local last = call('GET', KEYS[1])
if last and tonumber(last) >= tonumber(ARGV[1]) then
  -- Written again, so that whoever waits for replicas waits for what was added then.
  call('SET', KEYS[1], last, 'PX', ARGV[2])
  return {}
end
-- First of all: a server that takes no writes refuses here, before anything was added.
call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])

local failed, at = {}, 3
for index = 0, (#KEYS - 1) / 2 - 1 do
  local more = { downloads = tonumber(ARGV[at]), bytes = tonumber(ARGV[at + 1]), lastUsedAt = tonumber(ARGV[at + 2]) }
  local periodStart, count, clientsSeen = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]), {}
  for each = 1, count do
    local position = at + 3 + 2 * each
    clientsSeen[each] = { ARGV[position], tonumber(ARGV[position + 1]), more.lastUsedAt }
  end
  at = at + 5 + 2 * count
  local isDone, failure = pcall(record, KEYS[2 + 2 * index], KEYS[3 + 2 * index], more, periodStart, clientsSeen)
  if not isDone then
    failed[#failed + 1] = index
    failed[#failed + 1] = type(failure) == 'table' and failure.err or tostring(failure)
  end
end
return failed
