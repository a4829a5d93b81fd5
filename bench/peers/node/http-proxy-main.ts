import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy'

/** A gate without a single check, from node-http-proxy and nothing else. Arguments: port, URL of the storage. */
const [port = '', target = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
const proxy = httpProxy.createProxyServer({ target, agent })
proxy.on('error', (_error, _request, response) => void response.writeHead(502).end())
createServer((request, response) => proxy.web(request, response)).listen(Number(port), '127.0.0.1')
