import { gzipSync } from 'node:zlib'
import { startFixedServer, type FixedAnswer, type FixedServer } from './fixed-server.ts'
import { makeZip } from './zip.ts'

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'Acme.Tool': ['1.0.0', '1.1.0', '2.0.0-beta'],
  'Acme.Lib': ['0.1.0'],
}

/** Starts a NuGet server with its documents of version 3 below `/nuget/v3/`, and of version 2 below `/nuget/api/v2/`. */
export function startNugetServer(): Promise<FixedServer> {
  return startFixedServer((url) => {
    const root = `${url}/nuget`
    const answers: Record<string, FixedAnswer> = {
      '/nuget/v3/index.json': json(serviceIndex(root)),
      '/nuget/api/v2/': xml(`<service xml:base="${root}/api/v2/" xmlns="http://www.w3.org/2007/app"/>`),
    }
    for (const [id, versions] of Object.entries(PACKAGES)) {
      Object.assign(answers, documents(root, id, versions), feed(root, id, versions))
    }
    return answers
  })
}

/** What a package holds. */
export function nugetPackage(id: string, version: string): Buffer {
  const described = `<id>${id}</id><version>${version}</version><authors>Acme</authors><description>test</description>`
  const schema = 'http://schemas.microsoft.com/packaging/2010/07/nuspec.xsd'
  const opc = 'http://schemas.openxmlformats.org/package/2006'
  const relation = `Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/${id}.nuspec" Id="R1"`
  const types = ['nuspec', 'txt', 'rels'].map(
    (end) => `<Default Extension="${end}" ContentType="application/octet"/>`,
  )
  return makeZip({
    [`${id}.nuspec`]: `<?xml version="1.0"?><package xmlns="${schema}"><metadata>${described}</metadata></package>`,
    '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="${opc}/content-types">${types.join('')}</Types>`,
    '_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="${opc}/relationships"><Relationship ${relation}/></Relationships>`,
    'content/tool.txt': version,
  })
}

function serviceIndex(root: string): object {
  const resources = [
    { '@id': `${root}/v3/flatcontainer/`, '@type': 'PackageBaseAddress/3.0.0' },
    { '@id': `${root}/v3/registration-gz/`, '@type': 'RegistrationsBaseUrl/3.6.0' },
    { '@id': `${root}/v3/query`, '@type': 'SearchQueryService/3.5.0' },
    { '@id': `${root}/api/v2/package`, '@type': 'PackagePublish/2.0.0' },
  ]
  return { version: '3.0.0', resources }
}

function documents(root: string, id: string, versions: readonly string[]): Record<string, FixedAnswer> {
  const name = id.toLowerCase()
  const registration = `${root}/v3/registration-gz/${name}/index.json`
  const items = versions.map((version) => ({
    '@id': `${root}/v3/registration-gz/${name}/${version}.json`,
    catalogEntry: { id, version },
    packageContent: `${root}/v3/flatcontainer/${name}/${version}/${name}.${version}.nupkg`,
  }))
  const page = {
    '@id': `${registration}#page`,
    count: items.length,
    items,
    lower: versions[0],
    upper: versions.at(-1),
  }
  const packed = gzipSync(JSON.stringify({ '@id': registration, count: 1, items: [page] }))
  const answers: Record<string, FixedAnswer> = {
    [`/nuget/v3/flatcontainer/${name}/index.json`]: json({ versions }),
    [new URL(registration).pathname]: {
      body: packed,
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    },
  }
  for (const version of versions) {
    const body = nugetPackage(id, version)
    answers[`/nuget/v3/flatcontainer/${name}/${version}/${name}.${version}.nupkg`] = { body }
    answers[`/nuget/api/v2/package/${id}/${version}`] = { body }
  }
  return answers
}

/** Every search finds the last package: the tests ask for no other. */
function feed(root: string, id: string, versions: readonly string[]): Record<string, FixedAnswer> {
  const entries = versions.map((version) => [version, entry(root, id, version)] as const)
  const all = entries.map(([, text]) => `<entry>${text}</entry>`).join('')
  const about = `<title>Packages</title><id>${root}/api/v2/Packages</id><updated>2026-01-01T00:00:00Z</updated>`
  const found = `<feed xml:base="${root}/api/v2/" ${SCHEMAS}>${about}${all}</feed>`
  const single = entries.map(([version, text]): [string, FixedAnswer] => [
    `/nuget/api/v2/Packages(Id='${id}',Version='${version}')`,
    xml(`<entry xml:base="${root}/api/v2/" ${SCHEMAS}>${text}</entry>`),
  ])
  return { '/nuget/api/v2/FindPackagesById()': xml(found), ...Object.fromEntries(single) }
}

const DATA = 'http://schemas.microsoft.com/ado/2007/08/dataservices'
const SCHEMAS = `xmlns="http://www.w3.org/2005/Atom" xmlns:d="${DATA}" xmlns:m="${DATA}/metadata"`

function entry(root: string, id: string, version: string): string {
  const properties = [`<d:Id>${id}</d:Id><d:Version>${version}</d:Version>`]
  for (const flag of ['IsLatestVersion', 'IsAbsoluteLatestVersion'])
    properties.push(`<d:${flag} m:type="Edm.Boolean">${version === '0.1.0'}</d:${flag}>`)
  properties.push(
    '<d:Published m:type="Edm.DateTime">2026-01-01T00:00:00</d:Published><d:Dependencies></d:Dependencies>',
  )
  return [
    `<id>${root}/api/v2/Packages(Id='${id}',Version='${version}')</id><title>${id}</title>`,
    '<updated>2026-01-01T00:00:00Z</updated><author><name>Acme</name></author>',
    `<content type="application/zip" src="${root}/api/v2/package/${id}/${version}"/>`,
    `<m:properties>${properties.join('')}</m:properties>`,
  ].join('')
}

function json(document: object): FixedAnswer {
  return { body: JSON.stringify(document), headers: { 'content-type': 'application/json' } }
}

function xml(document: string): FixedAnswer {
  const headers = { 'content-type': 'application/atom+xml;type=feed;charset=utf-8' }
  return { body: `<?xml version="1.0" encoding="utf-8"?>${document}`, headers }
}
