import type { Config, TlsConfig } from '../config/types.ts'

/** Keys, as the file has them, of what a running process can't change, and how to put it into the next configuration. */
const FROZEN: readonly (readonly [key: string, keep: (running: Config, next: Config) => Partial<Config>])[] =
  [
    ['listen', ({ listen }) => ({ listen })],
    // Certificates change without a restart; whether there is TLS, and how it is spoken, does not.
    ['tls', ({ tls }, next) => ({ tls: keepTls(tls, next.tls) })],
    ['proxy_protocol', ({ proxyProtocol }) => ({ proxyProtocol })],
    ['client', ({ client }) => ({ client })],
    ['admin.tls', ({ admin: { tls } }, { admin }) => ({ admin: { ...admin, tls: keepTls(tls, admin.tls) } })],
    ['admin.listen', ({ admin: { listen } }, { admin }) => ({ admin: { ...admin, listen } })],
    ['edge', ({ edge }) => ({ edge })],
    ['offload', ({ offload }) => ({ offload })],
    ['workers', ({ workers }) => ({ workers })],
    ['store', ({ store }) => ({ store })],
    ['secret_key', ({ secretKey }) => ({ secretKey })],
    ['journal', ({ journal }) => ({ journal })],
    ['trusted_proxies', ({ trustedProxies }) => ({ trustedProxies })],
    ['metrics', ({ metrics }) => ({ metrics })],
    ['history', ({ history }) => ({ history })],
    ['log.level', ({ log: { level } }, { log }) => ({ log: { ...log, level } })],
  ]

function keepTls(running: TlsConfig | null, next: TlsConfig | null): TlsConfig | null {
  return running && { ...running, certificates: next?.certificates ?? running.certificates }
}

/** What differs between two configurations and takes effect only with the next start. */
export function frozenParts(before: Config, after: Config): string[] {
  return FROZEN.filter(
    ([, keep]) => JSON.stringify(keep(before, after)) !== JSON.stringify(keep(after, after)),
  ).map(([key]) => key)
}

/** `next` with what takes effect only with the next start as it is in `running`. */
export function keepFrozen(running: Config, next: Config): Config {
  return FROZEN.reduce((config, [, keep]) => ({ ...config, ...keep(running, config) }), next)
}
