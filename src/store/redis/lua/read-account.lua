--[[ Reads a token's counters with all that its limits depend on, at one instant. Begins with usage.lua and ledger.lua.
  KEYS usage, clients, and after those the token's ledgers
  Returns texts: epoch, downloads, clients, bytes, last used at, reset at, state of the rate ("" for none); how many clients there are, and
    five for each: client, downloads, last seen, 1 when it counts, first seen ("" for none); then nine for each ledger of the epoch: position
    of its key among the ledgers (from 0), opened at, size, charges, sent, day of probes, their bytes, pieces that are covered as "0-7 9-12",
    what is under way as "start-end-kind start-end-kind". ]]

local function text(value)
  return value and string.format('%.0f', value) or ''
end

local answer, usage = {}, { readUsage(KEYS[1]) }
for index = 1, 7 do answer[index] = text(usage[index]) end
local clients = call('HGETALL', KEYS[2])
answer[8] = text(#clients / 2)
for index = 1, #clients, 2 do
  local downloads, seenAt, isCounted, firstAt = unpackValues(clients[index + 1])
  local at = #answer
  answer[at + 1], answer[at + 2], answer[at + 3] = clients[index], text(downloads), text(seenAt)
  answer[at + 4], answer[at + 5] = isCounted and '1' or '', text(firstAt)
end

local function readLedger(key, position)
  local packed = call('GET', key)
  local ledger = packed and decodeLedger(unpackValues(packed))
  if not ledger or ledger.epoch ~= usage[1] then return end
  local covered, underway = {}, {}
  for _, each in ipairs(ledger.covered) do covered[#covered + 1] = text(each[1]) .. '-' .. text(each[2]) end
  for _, each in ipairs(ledger.underway) do
    underway[#underway + 1] = text(each[START]) .. '-' .. text(each[STOP]) .. '-' .. each[KIND]
  end
  local at = #answer
  answer[at + 1], answer[at + 2], answer[at + 3] = text(position), text(ledger.openedAt), text(ledger.size)
  answer[at + 4], answer[at + 5], answer[at + 6] = text(ledger.charges), text(ledger.sent), text(ledger.probeDay)
  answer[at + 7], answer[at + 8] = text(ledger.probeBytes), table.concat(covered, ' ')
  answer[at + 9] = table.concat(underway, ' ')
end

for index = 3, #KEYS do readLedger(KEYS[index], index - 3) end
return answer
