import { createHmac } from 'node:crypto'

/**
 * `t=SECONDS,v1=HEX`: HMAC-SHA-256 of `SECONDS.BODY` under the secret of the webhook. The instant is signed, so that a receiver can refuse
 * what somebody recorded and sends again later.
 */
export function sign(secret: string, body: string, now: number): string {
  const seconds = Math.floor(now / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}
