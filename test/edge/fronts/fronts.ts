import { caddy } from './caddy.ts'
import type { Front } from './front.ts'
import { haproxy } from './haproxy.ts'
import { accel, authRequest } from './nginx.ts'
import { plain } from './plain.ts'

/** Every way in which packages reach customers. The first is what the others are compared with. */
export const FRONTS: readonly [Front, ...Front[]] = [plain, accel, authRequest, caddy, haproxy]
