import { Agent } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import express from 'express'
import httpProxy from 'http-proxy'

/**
 * The gate of an afternoon: express, http-proxy, and a counter in SQLite that counts requests. It parses nothing, gives nothing
 * back and would charge an index like a package. Arguments: port, URL of the storage, database file, secret.
 */
const [port = '', target = '', file = '', secret = ''] = process.argv.slice(2)
const database = new DatabaseSync(file)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
database.exec('CREATE TABLE tokens (secret TEXT PRIMARY KEY, used INTEGER NOT NULL, most INTEGER NOT NULL)')
database.prepare('INSERT INTO tokens VALUES (?, 0, 1000000000)').run(secret)
const charge = database.prepare('UPDATE tokens SET used = used + 1 WHERE secret = ? AND used < most')

const agent = new Agent({ keepAlive: true })
const proxy = httpProxy.createProxyServer({ target, agent })
proxy.on('error', (_error, _request, response) => void response.writeHead(502).end())

const app = express()
app.use('/:secret/:owner/:repo', (request, response) => {
  if (charge.run(request.params.secret).changes === 1) proxy.web(request, response)
  else response.status(403).json({ error: 'unknown or used up' })
})
app.listen(Number(port), '127.0.0.1')
