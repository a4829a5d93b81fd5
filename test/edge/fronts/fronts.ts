import { caddy } from './caddy.ts'
import type { Front } from './front.ts'
import { haproxy } from './haproxy.ts'
import { accel, authRequest } from './nginx.ts'
import { plain } from './plain.ts'
import { bucket, links } from './s3.ts'
import { tls, tlsWithHttp2 } from './tls.ts'

/** Those that stand before the gate and send files themselves. */
export const PROXIES: readonly Front[] = [accel, authRequest, caddy, haproxy]

/** Every way in which packages reach customers. The first is what the others are compared with. */
export const FRONTS: readonly [Front, ...Front[]] = [plain, tls, tlsWithHttp2, bucket, links, ...PROXIES]
