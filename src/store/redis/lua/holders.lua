--[[ Who has which secret near a place. No script by itself. ]]

-- Where a token belongs to its owner, and to no repository.
local WHOLE_OWNER = '*'

--- Who has a secret where a token of the place may not have it, too: in the same repository, and anywhere of an owner and the owner.
local function holdersOf(key, place)
  local owner, repo = string.match(place, '^(.-)/(.*)$')
  local found, holders = redis.call('HGETALL', key), {}
  for at = 1, #found, 2 do
    local otherOwner, otherRepo = string.match(found[at], '^(.-)/(.*)$')
    local isNear = otherOwner == owner and (otherRepo == repo or repo == WHOLE_OWNER or otherRepo == WHOLE_OWNER)
    if isNear then holders[#holders + 1] = found[at + 1] end
  end
  table.sort(holders)
  return holders
end
