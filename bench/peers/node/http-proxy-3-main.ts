import { Agent, createServer } from 'node:http'
import { createProxyServer } from 'http-proxy-3'

/** A gate without a single check, from http-proxy-3 and nothing else. Arguments: port, URL of the storage. */
const [port = '', target = ''] = process.argv.slice(2)
const proxy = createProxyServer({ target, agent: new Agent({ keepAlive: true }) })
proxy.on('error', (_error, _request, response) => {
  if ('writeHead' in response) response.writeHead(502)
  response.end()
})
createServer((request, response) => proxy.web(request, response)).listen(Number(port), '127.0.0.1')
