import type { Config } from '../config/types.ts'

/** Keys, as the file has them, of what a running process can't change. */
const FROZEN: readonly (readonly [key: string, read: (config: Config) => unknown])[] = [
  ['listen', ({ listen }) => listen],
  ['admin.listen', ({ admin }) => admin.listen],
  ['workers', ({ workers }) => workers],
  ['store', ({ store }) => store],
  ['secret_key', ({ secretKey }) => secretKey],
  ['journal', ({ journal }) => journal],
  ['trusted_proxies', ({ trustedProxies }) => trustedProxies],
  ['metrics', ({ metrics }) => metrics],
  ['history', ({ history }) => history],
  ['log.level', ({ log }) => log.level],
]

/** What differs between two configurations and takes effect only with the next start. */
export function frozenParts(before: Config, after: Config): string[] {
  return FROZEN.filter(([, read]) => JSON.stringify(read(before)) !== JSON.stringify(read(after))).map(
    ([key]) => key,
  )
}
