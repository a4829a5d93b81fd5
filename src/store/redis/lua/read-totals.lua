--[[ Sums up hours or days of tokens. Begins with history.lua.
  KEYS hash of hours or days of each
  ARGV[1] first instant   ARGV[2] the instant behind the last
  Returns downloads and bytes of each, in their order. ]]

local from, till, answer = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for _, key in ipairs(KEYS) do
  local downloads, bytes, all = 0, 0, call('HGETALL', key)
  for index = 1, #all, 2 do
    local start = tonumber(all[index])
    if start >= from and start < till then
      local moreDownloads, moreBytes = unpackValues(all[index + 1])
      downloads, bytes = sum(downloads, moreDownloads), sum(bytes, moreBytes)
    end
  end
  answer[#answer + 1], answer[#answer + 2] = exact(downloads), exact(bytes)
end
return answer
