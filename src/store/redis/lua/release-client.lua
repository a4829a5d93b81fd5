--[[ Counts a client no longer, so that its place is free. Begins with usage.lua.
  KEYS usage, clients
  ARGV[1] start of the counting period, "" for none   ARGV[2] client   ARGV[3] 1: only tell
  Returns 1, or 0 when it does not count: then nothing was changed. ]]

local epoch, downloads, clients, bytes, lastUsedAt, resetAt, busyUntilUs = readUsage(KEYS[1])
local periodStart = tonumber(ARGV[1])
if isLaterPeriod(periodStart, resetAt) then return 0 end
local owned, seenAt, isCounted, firstAt = readClient(KEYS[2], ARGV[2])
if not isCounted then return 0 end
if ARGV[3] == '1' then return 1 end
writeUsage(KEYS[1], epoch, downloads, within(clients - 1), bytes, lastUsedAt, resetAt, busyUntilUs)
writeClient(KEYS[2], ARGV[2], owned, seenAt, false, firstAt)
return 1
