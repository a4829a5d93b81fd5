--[[ Begins the next epoch of a token, with all counters at zero. Begins with usage.lua.
  KEYS usage, clients, what was reset by whom: hash, id of a note → the counters before
  ARGV now, id of the note ("" for none), how many ms it is kept
  Returns the downloads, clients and bytes before. ]]

local epoch, downloads, clients, bytes, lastUsedAt, _, busyUntilUs = readUsage(KEYS[1])
local before = { exact(downloads), clients, exact(bytes) }
if ARGV[2] ~= '' then
  call('HSET', KEYS[3], ARGV[2], string.format('%.0f %.0f %.0f', downloads, clients, bytes))
  call('PEXPIRE', KEYS[3], ARGV[3])
end
writeUsage(KEYS[1], epoch + 1, 0, 0, 0, lastUsedAt, tonumber(ARGV[1]), busyUntilUs)
call('UNLINK', KEYS[2])
return before
