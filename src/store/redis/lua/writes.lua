--[[ Writes that a caller lists as JSON, each [command, position of its key, values…]. All share a slot. No script by itself. ]]

local KINDS = {
  HSET = 'hash', HDEL = 'hash', HINCRBY = 'hash', ZADD = 'zset', ZREM = 'zset', RPUSH = 'list', LREM = 'list', SETBIT = 'string',
}

--- Reads the list, and fails where something else lies under a key, before anything was written.
local function readWrites(text)
  if text == '' then return {} end
  local writes, types = cjson.decode(text), {}
  for _, write in ipairs(writes) do
    local place, kind = write[2], KINDS[write[1]]
    local found = types[place] or redis.call('TYPE', KEYS[place]).ok
    types[place] = found
    if kind == nil then error('an unknown command', 0) end
    if found ~= 'none' and found ~= kind then error('a value of another kind under a key', 0) end
  end
  return writes
end

local function carryOut(writes)
  for _, write in ipairs(writes) do redis.call(write[1], KEYS[write[2]], unpack(write, 3)) end
end
