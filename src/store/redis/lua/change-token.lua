--[[ Writes a token with everything by which it is found, if it is still as the caller read it, and tells the world. Begins with writes.lua.
  KEYS[1] records: hash, slug_perm → token as JSON    KEYS[2] the same of deleted tokens
  KEYS[3] names of the repository's tokens: sorted set of "name\0slug_perm"    KEYS[4] the same, of the active ones only
  KEYS[5] counter of changes    KEYS[6…] by digest: hash, owner/repo → slug_perm; first those that it has afterwards, then those it loses
  KEYS, after those, what the writes of ARGV[14] name by position
  ARGV[1] slug_perm    ARGV[2] its owner/repo
  ARGV[3] the token as it was read, "" for none    ARGV[4] as it shall be, "" for none    ARGV[5] record of the deleted, "" for none
  ARGV[6] its place among the names before, "" for none    ARGV[7] after    ARGV[8] 1 when it is active afterwards, else ""
  ARGV[9] how many digests it has afterwards
  ARGV[10] channel    ARGV[11] who changes it    ARGV[12] the digests to tell about as JSON, "" when nobody needs to know
  ARGV[13] how many digests there are in all    ARGV[14] what is written along with the change, see writes.lua, "" for nothing
  Returns DONE and the number of the change (0 when nobody was told), STALE (it is not as it was read), or CONFLICT (another token of
    the repository, or of its owner, has one of its digests). Nothing was changed but in the first case. ]]

local DONE, STALE, CONFLICT = 'done', 'stale', 'conflict'
local records, deleted, names, activeNames, changes = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local slug, repository, before, after, remains = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local nameBefore, nameAfter, isActive, owned = ARGV[6], ARGV[7], ARGV[8] ~= '', tonumber(ARGV[9])
local digests, others = tonumber(ARGV[13]), readWrites(ARGV[14])
local FIRST_DIGEST = 6
-- Where a token belongs to its owner, and to no repository.
local WHOLE_OWNER = '*'

--- True when tokens there may have none of this one's secrets: in the same repository, and anywhere of the owner when one belongs to the owner.
local function isNear(place)
  if place == repository then return true end
  local owner, repo = string.match(repository, '^(.-)/(.*)$')
  local otherOwner, otherRepo = string.match(place, '^(.-)/(.*)$')
  return owner == otherOwner and (repo == WHOLE_OWNER or otherRepo == WHOLE_OWNER)
end

if (redis.call('HGET', records, slug) or '') ~= before then return { STALE } end
for index = FIRST_DIGEST, FIRST_DIGEST + owned - 1 do
  local found = redis.call('HGETALL', KEYS[index])
  for at = 1, #found, 2 do
    if found[at + 1] ~= slug and isNear(found[at]) then return { CONFLICT } end
  end
end
-- Reads that fail where something else lies under a key, before anything was written.
redis.call('ZCARD', names)
redis.call('ZCARD', activeNames)
redis.call('HLEN', deleted)

for index = FIRST_DIGEST, FIRST_DIGEST + digests - 1 do
  if index >= FIRST_DIGEST + owned then
    redis.call('HDEL', KEYS[index], repository)
  else
    redis.call('HSET', KEYS[index], repository, slug)
  end
end
if nameBefore ~= '' then
  redis.call('ZREM', names, nameBefore)
  redis.call('ZREM', activeNames, nameBefore)
end
if nameAfter ~= '' then redis.call('ZADD', names, 0, nameAfter) end
if nameAfter ~= '' and isActive then redis.call('ZADD', activeNames, 0, nameAfter) end
if after ~= '' then redis.call('HSET', records, slug, after) else redis.call('HDEL', records, slug) end
if remains ~= '' then redis.call('HSET', deleted, slug, remains) end
carryOut(others)

if ARGV[12] == '' then return { DONE, 0 } end
local number = redis.call('INCR', changes)
redis.call('PUBLISH', ARGV[10], string.format('%.0f %s %s', number, ARGV[11], ARGV[12]))
return { DONE, number }
