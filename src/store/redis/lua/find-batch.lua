--[[ Reads the tokens of a repository that have certain ids, names or secrets. Begins with holders.lua.
  KEYS[1] records: hash, slug_perm → token as JSON    KEYS[2] names: sorted set of "name\0slug_perm"
  KEYS[3…] by digest: hash, owner/repo → slug_perm
  ARGV[1] owner/repo    ARGV[2] ids as a JSON list    ARGV[3] names as a JSON list
  Returns the tokens as JSON, each once; those with the ids may be from anywhere, those with the secrets
    from where else of the owner no token may share one with the repository. ]]

local slugs, seen, answer = cjson.decode(ARGV[2]), {}, {}
for _, name in ipairs(cjson.decode(ARGV[3])) do
  for _, place in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], '[' .. name .. '\0', '(' .. name .. '\1')) do
    slugs[#slugs + 1] = string.match(place, '([^%z]*)$')
  end
end
for index = 3, #KEYS do
  for _, slug in ipairs(holdersOf(KEYS[index], ARGV[1])) do slugs[#slugs + 1] = slug end
end
for _, slug in ipairs(slugs) do
  local record = not seen[slug] and redis.call('HGET', KEYS[1], slug)
  seen[slug] = true
  if record then answer[#answer + 1] = record end
end
return answer
