--[[ Reads deliveries of packages, a part of them at a time. Begins with history.lua.
  KEYS[1] hash of tallies
  ARGV[1] where to go on, "0" at first   ARGV[2] how many to look at, about
  Returns where to go on ("0" at the end), and six values for each: field, downloads, bytes, first and last instant, what is told beside. ]]

local page = call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local answer, found = { page[1] }, page[2]
for index = 1, #found, 2 do
  local downloads, bytes, firstAt, lastAt, about = readTally(found[index + 1])
  local at = #answer
  answer[at + 1], answer[at + 2], answer[at + 3] = found[index], exact(downloads), exact(bytes)
  answer[at + 4], answer[at + 5], answer[at + 6] = exact(firstAt), exact(lastAt), about
end
return answer
