import { isSemver } from '../../policy/versions/semver.ts'
import { createRecognizer, formatRules, hasFileEnd, type Finding, type FormatRules } from './contract.ts'

/**
 * Recognizes the paths of a Terraform registry (Terraform documentation, "Module Registry Protocol", "Provider Registry Protocol") below `v1/`,
 * and of a mirror of providers ("Provider Network Mirror Protocol") in any folder. The protocols don't say where files lie: documents name them by
 * paths of the gate, beside the document of their version (deliver/rewrite). Names are those of source addresses: `acme/vpc/aws` for modules,
 * `acme/cloud` for providers, `registry.example.com/acme/cloud` for those of a mirror.
 */
export const terraform: FormatRules = formatRules(
  createRecognizer('terraform', find, {
    isCalledLikeFile: (path) => hasFileEnd(path) || find(path.toLowerCase())?.kind === 'package',
  }),
  { discovery: { 'modules.v1': 'v1/modules/', 'providers.v1': 'v1/providers/' } },
)

function find(path: string): Finding | undefined {
  const segments = path.split('/')
  const [version, protocol] = segments
  if (version !== 'v1') return findInMirror(segments)
  if (protocol === 'modules') return findModule(segments.slice(2))
  return protocol === 'providers' ? findProvider(segments.slice(2)) : undefined
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?$/
const PLATFORM_PART = /^[a-z0-9]+$/
const ARCHIVE = /^archive\.(?:zip|tar\.(?:gz|bz2|xz|zst)|t(?:gz|bz2|xz|zst))$/

function findModule([namespace = '', name = '', system = '', ...rest]: readonly string[]):
  | Finding
  | undefined {
  const found = describe([namespace, name, system], rest)
  const [, file = '', ...more] = rest
  if (found?.version === undefined) return found
  if (more.length > 0) return undefined
  if (file === 'download') return found
  return ARCHIVE.test(file) ? { ...found, kind: 'package' } : undefined
}

/** `versions`, or what begins with a version. undefined for anything else. */
function describe(names: readonly string[], [first = '', ...more]: readonly string[]): Finding | undefined {
  if (!names.every((each) => NAME.test(each))) return undefined
  const name = names.join('/')
  if (first === 'versions' && more.length === 0) return { kind: 'metadata', name }
  return isSemver(first) && more.length > 0 ? { kind: 'metadata', name, version: first } : undefined
}

/** `VERSION/download/OS/ARCH`, and the files that it names below it. */
function findProvider([namespace = '', type = '', ...rest]: readonly string[]): Finding | undefined {
  const found = describe([namespace, type], rest)
  if (found?.version === undefined) return found
  const [version = '', endpoint, os = '', arch = '', file, ...more] = rest
  const isPlatform = PLATFORM_PART.test(os) && PLATFORM_PART.test(arch)
  if (endpoint !== 'download' || !isPlatform || more.length > 0) return undefined
  const platform = { ...found, arch: `${os}_${arch}` }
  if (file === undefined) return platform
  const kind = kindOf(file, `terraform-provider-${type}_${version}`, `${os}_${arch}`)
  return kind && { ...platform, kind }
}

function kindOf(file: string, stem: string, platform: string): Finding['kind'] | undefined {
  if (file === `${stem}_${platform}.zip`) return 'package'
  if (file === `${stem}_SHA256SUMS`) return 'checksum'
  return file === `${stem}_SHA256SUMS.sig` ? 'signature' : undefined
}

const HOST = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?$|^localhost(?::[0-9]{1,5})?$/
const PROVIDER_FILE =
  /^terraform-provider-[A-Za-z0-9_-]+_(?<version>[0-9][^_]*)_(?<os>[a-z0-9]+)_(?<arch>[a-z0-9]+)\.zip$/

/** `HOST/NAMESPACE/TYPE/…`. */
function findInMirror(segments: readonly string[]): Finding | undefined {
  const [host = '', namespace = '', type = '', file = ''] = segments.slice(-4)
  if (!HOST.test(host) || !NAME.test(namespace) || !NAME.test(type)) return undefined
  const name = `${host}/${namespace}/${type}`
  if (file === 'index.json') return { kind: 'metadata', name }
  const version = file.endsWith('.json') ? file.slice(0, -'.json'.length) : ''
  if (isSemver(version)) return { kind: 'metadata', name, version }
  return findProviderFile(file, name, type)
}

function findProviderFile(file: string, name: string, type: string): Finding | undefined {
  const { version = '', os = '', arch = '' } = PROVIDER_FILE.exec(file)?.groups ?? {}
  const platform = `${os}_${arch}`
  const isOwn = isSemver(version) && file === `terraform-provider-${type}_${version}_${platform}.zip`
  return isOwn ? { kind: 'package', name, version, arch: platform } : undefined
}
