import { refuse, type Refusal } from '../../policy/refusal.ts'
import type { RequestHead } from '../exchange.ts'

const LARGEST_FORM = 4_096
const FORM = /^application\/x-www-form-urlencoded(?:\s*;|$)/i

/** Reads what a form or `curl -d` sends; refuses anything else, and what is longer than 4 KiB. */
export async function readForm(request: RequestHead): Promise<URLSearchParams | Refusal> {
  if (!FORM.test(request.headers['content-type'] ?? ''))
    return refuse('request_malformed', { why: 'its body is no form (application/x-www-form-urlencoded)' })
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request.body()) {
      length += chunk.length
      if (length > LARGEST_FORM) return refuse('request_malformed', { why: 'its form is longer than 4 KiB' })
      chunks.push(chunk)
    }
  } catch {
    return refuse('request_malformed', { why: 'its body broke off' })
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}
