--[[ Puts a token's counters, clients and ledgers in the place of what there is. Begins with usage.lua and ledger.lua.
  KEYS usage, clients, and after those a key for each ledger
  ARGV[1] 1, or "" to add only clients to those that were put before    ARGV[2] now
  ARGV[3..9] epoch, downloads, clients, bytes, last used at, reset at, state of the rate ("" for none)
  ARGV[10] how many clients, and five for each: client, downloads, last seen, 1 when it counts else "", first seen ("" for none)
  ARGV, after those, seven for each ledger: opened at, size (-1 unknown), charges, sent, day of probes, their bytes, what is covered as JSON
  Returns 1. ]]

local isFirst, now, epoch = ARGV[1] == '1', tonumber(ARGV[2]), tonumber(ARGV[3])
if isFirst then
  call('UNLINK', KEYS[2])
  local lastUsedAt, resetAt, busyUntilUs = tonumber(ARGV[7]) or false, tonumber(ARGV[8]) or false, tonumber(ARGV[9]) or false
  writeUsage(KEYS[1], epoch, tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), lastUsedAt, resetAt, busyUntilUs)
end
local at, count = 11, tonumber(ARGV[10])
for _ = 1, count do
  local firstAt = tonumber(ARGV[at + 4]) or nil
  writeClient(KEYS[2], ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), ARGV[at + 3] == '1', firstAt)
  at = at + 5
end
for index = 3, #KEYS do
  local ledger = newLedger()
  ledger.epoch, ledger.openedAt, ledger.size = epoch, tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  ledger.charges, ledger.sent, ledger.probeDay = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  ledger.probeBytes, ledger.covered = tonumber(ARGV[at + 5]), cjson.decode(ARGV[at + 6])
  local ttl = ceil(neededUntil(ledger) - now)
  if ttl > 0 then call('SET', KEYS[index], encodeLedger(ledger), 'PX', string.format('%.0f', ttl)) end
  at = at + 7
end
return 1
