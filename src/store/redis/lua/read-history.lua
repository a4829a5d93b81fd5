--[[ Reads hours or days of a token. Begins with history.lua.
  KEYS[1] hash of hours or days
  ARGV[1] first instant   ARGV[2] the instant behind the last
  Returns five values for each, in any order: start, downloads, bytes, refusals by code as JSON, sketch of the clients. ]]

local from, till, answer = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for _, field in ipairs(call('HKEYS', KEYS[1])) do
  local start = tonumber(field)
  if start >= from and start < till then
    local downloads, bytes, refusals, clients = readBucket(KEYS[1], field)
    local at = #answer
    answer[at + 1], answer[at + 2], answer[at + 3] = field, exact(downloads), exact(bytes)
    answer[at + 4], answer[at + 5] = cjson.encode(refusals), clients
  end
end
return answer
