--[[ Goes through a part of a sorted set, highest first, and keeps the members that are in the other sets, too.
  KEYS[1] the set that is gone through    KEYS[2…] the others
  ARGV first and last rank of the part, counted from 0 at the highest
  Returns how many there were, and those that are kept. ]]

local seen = redis.call('ZREVRANGE', KEYS[1], ARGV[1], ARGV[2])
local answer = { #seen }
for _, member in ipairs(seen) do
  local isEverywhere = true
  for index = 2, #KEYS do
    if not redis.call('ZSCORE', KEYS[index], member) then
      isEverywhere = false
      break
    end
  end
  if isEverywhere then answer[#answer + 1] = member end
end
return answer
