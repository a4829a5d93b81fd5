--[[ Changes several tokens of a repository, if everything is as the caller read it, and tells the world. Begins with writes.lua and
  holders.lua.
  KEYS[1] records: hash, slug_perm → token as JSON    KEYS[2] names: sorted set of "name\0slug_perm"
  KEYS[3] counter of changes    KEYS, after those, what ARGV[4] and the writes name by position
  ARGV[1] owner/repo
  ARGV[2] tokens as they were read: JSON list of [slug_perm, token as JSON]
  ARGV[3] how many tokens have each name: JSON list of [name, count]
  ARGV[4] who has each secret: JSON list of [position of the hash by digest, the slug_perms in their order with spaces between them]
  ARGV[5] what is written, see writes.lua
  ARGV[6] channel    ARGV[7] who changes it    ARGV[8] the digests to tell about, as JSON
  Returns the number of the change, or 0: something is not as it was read, and nothing was changed. ]]

for _, token in ipairs(cjson.decode(ARGV[2])) do
  if redis.call('HGET', KEYS[1], token[1]) ~= token[2] then return 0 end
end
for _, name in ipairs(cjson.decode(ARGV[3])) do
  if redis.call('ZLEXCOUNT', KEYS[2], '[' .. name[1] .. '\0', '(' .. name[1] .. '\1') ~= name[2] then return 0 end
end
for _, digest in ipairs(cjson.decode(ARGV[4])) do
  if table.concat(holdersOf(KEYS[digest[1]], ARGV[1]), ' ') ~= digest[2] then return 0 end
end

carryOut(readWrites(ARGV[5]))
local number = redis.call('INCR', KEYS[3])
redis.call('PUBLISH', ARGV[6], string.format('%.0f %s %s', number, ARGV[7], ARGV[8]))
return number
