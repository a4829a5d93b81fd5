--[[ Replaces all tokens of a repository, if its own and those that they come from are still as the caller read them, and tells the world.
  Begins with writes.lua.
  KEYS[1] records: hash, slug_perm → token as JSON
  KEYS[2] names of the tokens they come from: sorted set of "name\0slug_perm"    KEYS[3] the same, of the tokens that are replaced
  KEYS[4] counter of changes    KEYS, after those, what the writes name by position
  ARGV[1] how many tokens they come from    ARGV[2] how many are replaced
  ARGV[3] all of them as they were read: JSON list of [slug_perm, token as JSON]
  ARGV[4] what is written, see writes.lua
  ARGV[5] channel    ARGV[6] who changes it    ARGV[7] the digests to tell about, as JSON
  Returns the number of the change, or 0: something is not as it was read, and nothing was changed. ]]

-- As many as were read, each as it was read: there are no others.
if redis.call('ZCARD', KEYS[2]) ~= tonumber(ARGV[1]) or redis.call('ZCARD', KEYS[3]) ~= tonumber(ARGV[2]) then return 0 end
for _, token in ipairs(cjson.decode(ARGV[3])) do
  if redis.call('HGET', KEYS[1], token[1]) ~= token[2] then return 0 end
end

carryOut(readWrites(ARGV[4]))
local number = redis.call('INCR', KEYS[4])
redis.call('PUBLISH', ARGV[5], string.format('%.0f %s %s', number, ARGV[6], ARGV[7]))
return number
