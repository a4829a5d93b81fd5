--[[ Puts values of the history in the place of what there is. Begins with history.lua.
  KEYS whatever the values name, by its position
  ARGV[1] values as JSON, each a list that begins with its kind, the position of its key, and the key's ms to live:
    "usage"  start of the hour or day, downloads, bytes, refusals by code, sketch of the clients
    "tally"  field, downloads, bytes, first and last instant, what is told beside
    "log"    instant, entry
    "latest" instant, entry: the latest instant counts
  Returns 1. ]]

local put = {
  usage = function(key, start, ...) call('HSET', key, exact(start), pack(...)) end,
  tally = function(key, field, ...) call('HSET', key, field, pack(...)) end,
  log = function(key, at, entry) call('ZADD', key, exact(at), entry) end,
  latest = function(key, at, entry) call('ZADD', key, 'GT', exact(at), entry) end,
}
for _, value in ipairs(cjson.decode(ARGV[1])) do
  local key = KEYS[value[2]]
  put[value[1]](key, unpack(value, 4))
  call('PEXPIRE', key, exact(value[3]))
end
return 1
