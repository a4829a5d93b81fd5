--[[ Lists clients that count, a part of them at a time. Begins with usage.lua.
  KEYS usage, clients
  ARGV[1] start of the counting period, "" for none   ARGV[2] where to go on, "0" at first   ARGV[3] how many to look at, about
  Returns how many count, where to go on ("0" at the end), and four values for each: client, downloads, first seen, last seen. ]]

local _, _, clients, _, _, resetAt = readUsage(KEYS[1])
local periodStart = tonumber(ARGV[1])
if isLaterPeriod(periodStart, resetAt) then return { 0, '0' } end
local page = call('HSCAN', KEYS[2], ARGV[2], 'COUNT', ARGV[3])
local answer, found = { clients, page[1] }, page[2]
for index = 1, #found, 2 do
  local downloads, seenAt, isCounted, firstAt = unpackValues(found[index + 1])
  if isCounted then
    local at = #answer
    answer[at + 1], answer[at + 2], answer[at + 3], answer[at + 4] = found[index], downloads, firstAt or false, seenAt
  end
end
return answer
