--[[ The checks of a gate in nginx, as one writes them for speed: what of a token does not change is kept in the worker for some seconds,
  compiled; a package costs one call of one script on a connection that is kept open; everything else costs no call at all. ]]

local lrucache = require 'resty.lrucache'
local redis = require 'nginx.redis'
local re_find = ngx.re.find
local find, sub = string.find, string.sub

local KNOWN_SECONDS, UNKNOWN_SECONDS = 5, 5
local MOST_TOKENS = 200000
local TIMEOUT_MS, IDLE_MS, POOL = 500, 60000, 128
local SLASH = '/'

local gate = {}
local tokens = lrucache.new(MOST_TOKENS)
local port, script, digest

--- Once, before the first request: where Redis listens, the text of charge.lua and its SHA-1.
function gate.configure(options)
  port, script, digest = options.port, options.script, options.digest
end

local function connect()
  local client = redis:new()
  client:set_timeout(TIMEOUT_MS)
  local is_connected, why = client:connect('127.0.0.1', port)
  if is_connected then return client end
  ngx.log(ngx.ERR, 'Redis: ', why)
  return nil
end

local function refuse(status, code)
  ngx.status = status
  ngx.header['Content-Type'] = 'application/problem+json'
  ngx.header['Cache-Control'] = 'no-store'
  ngx.print('{"status":', status, ',"code":"', code, '"}')
  return ngx.exit(status)
end

--- The fields of a token's hash, in the order in which they are asked for.
local function compile(secret, values)
  if values[1] == ngx.null then return false end
  return {
    is_active = values[1] == '1',
    valid_from = tonumber(values[2]),
    valid_until = tonumber(values[3]),
    repository = values[4],
    packages = values[5],
    limit_downloads = values[6],
    limit_clients = values[7],
    downloads_key = 'downloads:{' .. secret .. '}',
    clients_key = 'clients:{' .. secret .. '}',
  }
end

--- nil: Redis does not answer. false: there is no such token.
local function load(client, secret)
  local values, why = client:hmget(
    'token:{' .. secret .. '}',
    'active', 'from', 'until', 'repository', 'packages', 'downloads', 'clients'
  )
  if not values then
    ngx.log(ngx.ERR, 'Redis: ', why)
    return nil
  end
  local token = compile(secret, values)
  tokens:set(secret, token, token and KNOWN_SECONDS or UNKNOWN_SECONDS)
  return token
end

local function charge(client, token)
  local address = ngx.var.remote_addr
  local answer, why = client:evalsha(
    digest, 2, token.downloads_key, token.clients_key, token.limit_downloads, token.limit_clients, address
  )
  if not answer and why and find(why, 'NOSCRIPT', 1, true) then
    answer, why = client:eval(
      script, 2, token.downloads_key, token.clients_key, token.limit_downloads, token.limit_clients, address
    )
  end
  if not answer then ngx.log(ngx.ERR, 'Redis: ', why) end
  return answer
end

--- What token, repository and path allow; a code when it is not allowed. Second: the path is that of a package.
local function judge(token, repository, path)
  local now = ngx.now() * 1000
  if not token.is_active then return 'token_disabled' end
  if now < token.valid_from then return 'token_not_yet_valid' end
  if now >= token.valid_until then return 'token_expired' end
  if token.repository ~= repository then return 'repository_not_covered' end
  local from, to = re_find(path, [[([^/_]+)_[^/_]+_[^/_]+\.deb$]], 'jo', nil, 1)
  if not from then return nil, false end
  if not re_find(sub(path, from, to), token.packages, 'jo') then return 'package_not_covered' end
  return nil, true
end

--- The access phase. $uri is /secret/owner/repo/path, decoded and without dot segments.
function gate.check()
  local uri = ngx.var.uri
  local first = find(uri, SLASH, 2, true)
  local second = first and find(uri, SLASH, first + 1, true)
  local third = second and find(uri, SLASH, second + 1, true)
  if not third then return refuse(404, 'not_found') end
  local secret = sub(uri, 2, first - 1)

  local client
  local token = tokens:get(secret)
  if token == nil then
    client = connect()
    token = client and load(client, secret)
    if token == nil then return refuse(503, 'store_unavailable') end
  end
  if not token then
    if client then client:set_keepalive(IDLE_MS, POOL) end
    return refuse(403, 'token_unknown')
  end

  local path = sub(uri, third)
  local code, is_package = judge(token, sub(uri, first + 1, third - 1), path)
  local answer
  if not code and is_package then
    client = client or connect()
    answer = client and charge(client, token)
    if not answer then return refuse(503, 'store_unavailable') end
  end
  if client then client:set_keepalive(IDLE_MS, POOL) end
  if code then return refuse(403, code) end
  if answer == -1 then return refuse(403, 'downloads_used_up') end
  if answer == -2 then return refuse(403, 'clients_used_up') end

  if answer then ngx.ctx.charged = token.downloads_key end
  ngx.req.set_uri(path)
end

local function give_back(is_premature, downloads_key)
  local client = not is_premature and connect()
  if not client then return end
  client:decr(downloads_key)
  client:set_keepalive(IDLE_MS, POOL)
end

--- The log phase: what was not delivered whole is not charged.
function gate.settle()
  local charged = ngx.ctx.charged
  if charged and (ngx.status >= 300 or ngx.var.request_completion ~= 'OK') then
    ngx.timer.at(0, give_back, charged)
  end
end

return gate
