import { caddy } from './caddy.ts'
import type { Front } from './front.ts'
import { haproxy } from './haproxy.ts'
import { accel, authRequest } from './nginx.ts'

/** Those that stand before the gate and send files themselves. */
export const PROXIES: readonly Front[] = [accel, authRequest, caddy, haproxy]
