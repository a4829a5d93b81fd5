--[[ Reads all tokens with a digest.
  KEYS[1] by digest: hash, owner/repo → slug_perm    KEYS[2] records: hash, slug_perm → token as JSON
  Returns the tokens as JSON, in no order. ]]

local found = {}
for _, slug in ipairs(redis.call('HVALS', KEYS[1])) do
  local record = redis.call('HGET', KEYS[2], slug)
  if record then found[#found + 1] = record end
end
return found
