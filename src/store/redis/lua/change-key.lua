--[[ Writes a key of the management API, if it is still as the caller read it. Begins with writes.lua.
  KEYS[1] keys: hash, what a key is stored under → key as JSON    KEYS[2…] what the writes of ARGV[5] name by position
  ARGV[1] what it is stored under, "" for a new one    ARGV[2] the key as it was read, "" for a new one
  ARGV[3] what it shall be stored under    ARGV[4] as it shall be
  ARGV[5] what is written along with the change, see writes.lua, "" for nothing
  ARGV[6…] fields that no other key may have
  Returns DONE, STALE (it is not as it was read), or CONFLICT (another has one of the fields). Nothing was changed but in the first case. ]]

local DONE, STALE, CONFLICT = 'done', 'stale', 'conflict'
local keys, from, before, to, after = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local others = readWrites(ARGV[5])

if from ~= '' and (redis.call('HGET', keys, from) or '') ~= before then return STALE end
for index = 6, #ARGV do
  if redis.call('HEXISTS', keys, ARGV[index]) == 1 then return CONFLICT end
end
if from ~= '' and from ~= to then redis.call('HDEL', keys, from) end
redis.call('HSET', keys, to, after)
carryOut(others)
return DONE
