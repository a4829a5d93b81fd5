import replyFrom from '@fastify/reply-from'
import fastify from 'fastify'

/** A gate without a single check, from fastify and its proxy, which asks with undici. Arguments: port, URL of the storage. */
const [port = '', base = ''] = process.argv.slice(2)
const app = fastify({ logger: false })
await app.register(replyFrom, { base })
app.get('/*', (request, reply) => reply.from(request.raw.url))
await app.listen({ port: Number(port), host: '127.0.0.1' })
