import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startFixedServer, type FixedAnswer, type FixedServer } from './fixed-server.ts'
import { temporaryDirectory } from './processes.ts'
import { createSigningKey } from './signing-key.ts'
import { makeZip } from './zip.ts'

const VERSIONS = ['1.0.0', '1.1.0', '2.0.0']
const PLATFORMS = [
  { os: 'linux', arch: 'amd64' },
  { os: 'darwin', arch: 'arm64' },
] as const

/** Whether registries tell where a module lies in a header, or in a document. */
type Form = 'header' | 'document'

/**
 * Starts a registry at `/infra/` with a module `acme/vpc/aws`, a provider `acme/cloud`, and a mirror of providers in `/infra/mirror/`. Files lie in
 * folders that tell nothing of them.
 */
export async function startTerraformServer(form: Form = 'header'): Promise<FixedServer> {
  const sums = new Map(VERSIONS.map((version) => [version, sumsOf(version)]))
  const { key, signatures } = await sign(sums)
  return startFixedServer((url) => {
    const root = `${url}/infra`
    const answers: Record<string, FixedAnswer> = {
      '/infra/v1/modules/acme/vpc/aws/versions': json({
        modules: [{ versions: VERSIONS.map((version) => ({ version })) }],
      }),
      '/infra/v1/providers/acme/cloud/versions': json({
        versions: VERSIONS.map((version) => ({ version, protocols: ['5.0'], platforms: PLATFORMS })),
      }),
      '/infra/mirror/example.com/acme/cloud/index.json': json({
        versions: Object.fromEntries(VERSIONS.map((version) => [version, {}])),
      }),
    }
    for (const version of VERSIONS) {
      Object.assign(answers, moduleAnswers(root, version, form))
      Object.assign(answers, providerAnswers(root, version, key), mirrorAnswers(version))
      answers[`/infra/files/${version}/sums`] = { body: sums.get(version) ?? '' }
      answers[`/infra/files/${version}/sums.sig`] = { body: signatures.get(version) ?? '' }
    }
    return answers
  })
}

function moduleAnswers(root: string, version: string, form: Form): Record<string, FixedAnswer> {
  const file = `/files/m-${version}.zip`
  const location =
    version === '1.0.0' ? `../../../../../../..${file}//modules/net` : `${root}${file}?archive=zip`
  const found =
    form === 'header' ? { status: 204, headers: { 'x-terraform-get': location } } : json({ location })
  return {
    [`/infra/v1/modules/acme/vpc/aws/${version}/download`]: found,
    [`/infra${file}`]: { body: moduleArchive(version) },
  }
}

/** What a module holds. */
export function moduleArchive(version: string): Buffer {
  const text = `output "version" {\n  value = "${version}"\n}\n`
  return makeZip({ 'main.tf': text, 'modules/net/main.tf': text })
}

/** What a provider holds: nothing that could be run. */
export function providerArchive(version: string, os: string, arch: string): Buffer {
  return makeZip({ [`terraform-provider-cloud_v${version}`]: `${os} ${arch}` })
}

function providerAnswers(root: string, version: string, key: SigningKeyJson): Record<string, FixedAnswer> {
  const answers: Record<string, FixedAnswer> = {}
  for (const { os, arch } of PLATFORMS) {
    const filename = `terraform-provider-cloud_${version}_${os}_${arch}.zip`
    const body = providerArchive(version, os, arch)
    answers[`/infra/v1/providers/acme/cloud/${version}/download/${os}/${arch}`] = json({
      protocols: ['5.0'],
      os,
      arch,
      filename,
      download_url: `${root}/files/${version}/${os}-${arch}`,
      shasums_url: `${root}/files/${version}/sums`,
      shasums_signature_url: `${root}/files/${version}/sums.sig`,
      shasum: sha256(body),
      signing_keys: { gpg_public_keys: [key] },
    })
    answers[`/infra/files/${version}/${os}-${arch}`] = { body }
  }
  return answers
}

function mirrorAnswers(version: string): Record<string, FixedAnswer> {
  const folder = '/infra/mirror/example.com/acme/cloud'
  const archives = PLATFORMS.map(({ os, arch }) => {
    const url = `terraform-provider-cloud_${version}_${os}_${arch}.zip`
    return [`${os}_${arch}`, { url }] as const
  })
  const files = PLATFORMS.map(({ os, arch }): [string, FixedAnswer] => [
    `${folder}/terraform-provider-cloud_${version}_${os}_${arch}.zip`,
    { body: providerArchive(version, os, arch) },
  ])
  return {
    [`${folder}/${version}.json`]: json({ archives: Object.fromEntries(archives) }),
    ...Object.fromEntries(files),
  }
}

interface SigningKeyJson {
  readonly key_id: string
  readonly ascii_armor: string
}

interface Signed {
  readonly key: SigningKeyJson
  readonly signatures: ReadonlyMap<string, Buffer>
}

async function sign(sums: ReadonlyMap<string, string>): Promise<Signed> {
  const directory = await temporaryDirectory('terraform-key')
  await using key = await createSigningKey()
  const file = join(directory.path, 'key.asc')
  await key.exportTo(file)
  const signatures = new Map<string, Buffer>()
  for (const [version, text] of sums) {
    const [plain, signed] = [join(directory.path, version), join(directory.path, `${version}.sig`)]
    await writeFile(plain, text)
    await key.detachSign(plain, signed)
    signatures.set(version, dearmor(await readFile(signed, 'utf8')))
  }
  const armor = await readFile(file, 'utf8')
  await directory.remove()
  return { key: { key_id: '0000000000000000', ascii_armor: armor }, signatures }
}

/** The bytes inside of an armored signature (RFC 4880 §6.2). */
function dearmor(text: string): Buffer {
  const [, body = ''] = /\n\r?\n([A-Za-z0-9+/=\s]+?)\n=/.exec(text) ?? []
  return Buffer.from(body, 'base64')
}

function sumsOf(version: string): string {
  return PLATFORMS.map(({ os, arch }) => {
    const digest = sha256(providerArchive(version, os, arch))
    return `${digest}  terraform-provider-cloud_${version}_${os}_${arch}.zip\n`
  }).join('')
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function json(document: object): FixedAnswer {
  return { body: JSON.stringify(document), headers: { 'content-type': 'application/json' } }
}
