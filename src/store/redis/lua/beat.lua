--[[ Shows that a process lives, and reads which others do.
  KEYS[1] processes: sorted set, number → last beat in ms of this server's clock    KEYS[2] highest number that was given to a process
  ARGV[1] number of the process, "" when it has none yet
  ARGV[2…] pairs: number of a process that seems dead, and its last beat; it goes, unless it has beaten again
  Returns the number of the process (a new one when it had none, or was taken for dead), the highest number, this server's time in ms,
    and then pairs: number and last beat of every process. ]]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for index = 2, #ARGV, 2 do
  if redis.call('ZSCORE', KEYS[1], ARGV[index]) == ARGV[index + 1] then redis.call('ZREM', KEYS[1], ARGV[index]) end
end
local number = ARGV[1]
if number == '' or not redis.call('ZSCORE', KEYS[1], number) then
  number = string.format('%.0f', redis.call('INCR', KEYS[2]))
end
-- After a fail-over the counter may be behind what it gave.
if tonumber(redis.call('GET', KEYS[2]) or '0') < tonumber(number) then redis.call('SET', KEYS[2], number) end
redis.call('ZADD', KEYS[1], now, number)
local answer = { number, redis.call('GET', KEYS[2]), now }
for _, each in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')) do answer[#answer + 1] = each end
return answer
