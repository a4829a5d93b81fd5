--[[ Carries out writes if everything is as the caller thinks, or nothing. Begins with writes.lua.
  KEYS those that the checks and the writes name by position
  ARGV[1] checks as JSON, each [HGET | ZSCORE | LPOS, position of a key, field or member, what is expected]; "" expects nothing to be there,
    "*" anything
  ARGV[2] writes, see writes.lua
  Returns 1, or 0: a check failed and nothing was changed. ]]

for _, check in ipairs(cjson.decode(ARGV[1])) do
  local found = redis.call(check[1], KEYS[check[2]], check[3])
  if check[4] == '*' then
    if not found then return 0 end
  elseif (found or '') ~= check[4] then
    return 0
  end
end
carryOut(readWrites(ARGV[2]))
return 1
