--[[ Reads the counters of tokens. Begins with usage.lua.
  KEYS usage of each token
  Returns six values for each token: epoch, downloads, clients, bytes, last used at and reset at (nil where there is none). ]]

local answers = {}
for index, key in ipairs(KEYS) do
  local epoch, downloads, clients, bytes, lastUsedAt, resetAt = readUsage(key)
  local at = (index - 1) * 6
  answers[at + 1], answers[at + 2], answers[at + 3] = epoch, exact(downloads), exact(clients)
  answers[at + 4], answers[at + 5], answers[at + 6] = exact(bytes), lastUsedAt, resetAt
end
return answers
