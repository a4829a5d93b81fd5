--[[ Gives or renews a lease that nobody else has.
  KEYS[1] the lease: who has it, for as long as the key lives
  ARGV[1] who asks    ARGV[2] for how many ms
  Returns 1, or 0: somebody else has it. ]]

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
