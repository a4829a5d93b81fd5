--[[ Begins the next epoch of a token, with all counters at zero. Begins with usage.lua.
  KEYS usage, clients
  ARGV now
  Returns nothing. ]]

local epoch, _, _, _, lastUsedAt, _, busyUntilUs = readUsage(KEYS[1])
writeUsage(KEYS[1], epoch + 1, 0, 0, 0, lastUsedAt, tonumber(ARGV[1]), busyUntilUs)
call('UNLINK', KEYS[2])
