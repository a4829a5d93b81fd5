--[[ Charges one download to a token, or changes nothing.
  KEYS[1] downloads: number    KEYS[2] clients: set
  ARGV[1] most downloads    ARGV[2] most clients    ARGV[3] client
  Returns the downloads after the charge, -1 when they are used up, -2 when there are too many clients. ]]

local downloads = tonumber(redis.call('GET', KEYS[1]) or '0')
if downloads + 1 > tonumber(ARGV[1]) then return -1 end
if redis.call('SISMEMBER', KEYS[2], ARGV[3]) == 0 then
  if redis.call('SCARD', KEYS[2]) + 1 > tonumber(ARGV[2]) then return -2 end
  redis.call('SADD', KEYS[2], ARGV[3])
end
return redis.call('INCR', KEYS[1])
