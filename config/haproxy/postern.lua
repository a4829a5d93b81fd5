--[[ Asks Postern what is to be done with a request, before HAProxy does anything with it. For HAProxy 2.5 and newer (core.httpclient).
  Sets txn.postern_serve to `storage` or `gate`, and for the storage txn.postern_repository, _path, _range and _delivery; or answers with the
  refusal as it is. When Postern does not answer, nothing is set, and haproxy.cfg sends nothing. ]]

local EDGE = 'http://127.0.0.1:8082/haproxy'
local TIMEOUT_MS = 40000

-- Whose request it is, and what of the file it wants. Nothing else of it concerns Postern.
local PASSED = {
  'authorization', 'x-api-key', 'range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since',
  'accept', 'accept-encoding', 'cache-control', 'user-agent',
}

local ASKED = {
  repository = 'x-postern-repository', path = 'x-postern-path', range = 'x-postern-range', delivery = 'x-postern-delivery',
}

-- HAProxy counts the values of a header from 0.
local function values(header)
  local found = {}
  for at = 0, #header do found[#found + 1] = header[at] end
  return found
end

local function ask(txn)
  local given = txn.http:req_get_headers()
  local headers = {
    ['x-original-method'] = { txn.f:method() },
    ['x-original-uri'] = { txn.f:pathq() },
    ['x-forwarded-for'] = { txn.f:src() },
  }
  if given['host'] then headers['x-original-host'] = { given['host'][0] } end
  for _, name in ipairs(PASSED) do
    if given[name] then headers[name] = values(given[name]) end
  end
  return core.httpclient():get({ url = EDGE, headers = headers, timeout = TIMEOUT_MS })
end

local HOP = { ['connection'] = true, ['keep-alive'] = true, ['transfer-encoding'] = true, ['content-length'] = true, ['date'] = true }

local function refuse(txn, answer)
  local reply = txn:reply()
  reply:set_status(answer.status, answer.reason)
  for name, found in pairs(answer.headers) do
    if not HOP[name] then
      for _, value in pairs(found) do reply:add_header(name, value) end
    end
  end
  reply:set_body(answer.body or '')
  txn:done(reply)
end

core.register_action('postern_decide', { 'http-req' }, function(txn)
  local answer = ask(txn)
  if not answer or not answer.status or answer.status == 0 then return end
  if answer.status ~= 200 then return refuse(txn, answer) end
  local serve = answer.headers['x-postern-serve']
  if not serve then return end
  for name, header in pairs(ASKED) do
    if answer.headers[header] then txn:set_var('txn.postern_' .. name, answer.headers[header][0]) end
  end
  txn:set_var('txn.postern_serve', serve[0])
end)
