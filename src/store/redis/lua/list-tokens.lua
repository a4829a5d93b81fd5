--[[ Reads a page of tokens in an order.
  KEYS[1] the order: sorted set of "name\0slug_perm", or of slug_perms    KEYS[2] records: hash, slug_perm → token as JSON
  ARGV[1] first position, from 0    ARGV[2] last position    ARGV[3] 1 for the last name first, else ""
  Returns how many names there are, then the tokens as JSON. ]]

local range = ARGV[3] ~= '' and 'ZREVRANGE' or 'ZRANGE'
local answer = { redis.call('ZCARD', KEYS[1]) }
for _, name in ipairs(redis.call(range, KEYS[1], ARGV[1], ARGV[2])) do
  local slug = string.match(name, '([^%z]*)$')
  local record = redis.call('HGET', KEYS[2], slug)
  if record then answer[#answer + 1] = record end
end
return answer
