import type { Request, RequestHandler, Response } from 'express'
import { send, text } from '../answer.ts'
import { methodNotAllowed, notFound } from '../errors.ts'
import type { ConsoleFile, ConsoleFiles } from './files.ts'

/** Everything comes from here, nothing of it can be framed, and what somebody wrote into a name is never run. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
}

/** The names of these files change with what is in them. */
const HASHED = 'assets/'
const FOREVER = 'public, max-age=31536000, immutable'
const NOT_BUILT = 'The console was not built. In a checkout `npm run build:console` does it.\n'

/** Serves the console below the path where it is mounted. What is no file is a page of it, so that links into it can be shared. */
export function createConsole(files: ConsoleFiles): RequestHandler {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return void send(response, methodNotAllowed(['GET', 'HEAD']))
    }
    const { baseUrl } = request
    const below = request.originalUrl.slice(baseUrl.length)
    if (below === '' || below.startsWith('?')) return response.redirect(308, `${baseUrl}/${below}`)
    const name = request.path.slice(1)
    const file = files.get(name)
    if (file !== undefined && name.startsWith(HASHED)) return sendFile(request, response, file, FOREVER)
    if (name.startsWith(HASHED)) return void send(response, notFound())
    const page = file ?? files.get('index.html')
    if (page === undefined) return void send(response, text(503, NOT_BUILT))
    return sendFile(request, response, page, 'no-store')
  }
}

function sendFile(request: Request, response: Response, file: ConsoleFile, cacheControl: string): void {
  const zips = request.acceptsEncodings('gzip') === 'gzip'
  const bytes = zips ? file.gzipped : file.bytes
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': file.type,
    'Cache-Control': cacheControl,
    Vary: 'Accept-Encoding',
    ...(zips ? { 'Content-Encoding': 'gzip' } : {}),
    'Content-Length': bytes.length,
  })
  response.end(bytes)
}

/** Whoever opens the address of the API with a browser wants the console. */
export const toConsole: RequestHandler = (request, response, next) => {
  if (request.accepts('json', 'html') === 'html') response.redirect(302, '/console/')
  else next()
}
