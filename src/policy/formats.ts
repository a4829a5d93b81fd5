import { spellCargoName } from './cargo-name.ts'
import { spellPythonName } from './python-name.ts'
import type { Artifact, Format } from './types.ts'
import { alpineOrder } from './versions/alpine.ts'
import { archOrder } from './versions/arch.ts'
import { composerOrder } from './versions/composer.ts'
import { condaOrder } from './versions/conda.ts'
import { conanOrder } from './versions/conan.ts'
import { cranOrder } from './versions/cran.ts'
import { debOrder } from './versions/deb.ts'
import { goOrder } from './versions/go.ts'
import { helmOrder } from './versions/helm.ts'
import { luarocksOrder } from './versions/luarocks.ts'
import { mavenOrder } from './versions/maven.ts'
import { nugetOrder } from './versions/nuget.ts'
import { pep440Order } from './versions/pep440.ts'
import { plainSemverOrder } from './versions/plain-semver.ts'
import { pubOrder } from './versions/pub.ts'
import { rawOrder } from './versions/raw.ts'
import { rpmOrder } from './versions/rpm.ts'
import { rubyOrder } from './versions/ruby.ts'
import { semverOrder } from './versions/semver.ts'
import { tagVersions } from './versions/tag.ts'
import { vagrantOrder } from './versions/vagrant.ts'
import { versionsOf, type Versions } from './versions/versions-of.ts'

/** Where packages lie: at this path, or, unless it is the whole, at paths that begin so. It begins with a slash. */
interface PackagePlace {
  readonly path: string
  readonly isWhole: boolean
}

/** What rules and queries have to know of a format. */
export interface FormatPolicy {
  readonly versions: Versions
  /**
   * One spelling of a name, or of a pattern over names, for all that clients take for the same; undefined where a name has one spelling
   * only. Recognizers give names in it.
   */
  readonly spellName?: (name: string) => string
  /** Takes a name apart into what queries call `maven_group_id` and `name`; undefined where all of it is the name. */
  readonly splitName?: (name: string) => { readonly group: string; readonly name: string }
  /** Architectures, in upper case, of what is no binary; undefined where the architecture does not tell. */
  readonly sources?: readonly string[]
  /** Where the package lies that a free file belongs to. */
  readonly placeOf: (file: Artifact) => PackagePlace
}

/** The one table of formats in this layer. */
export const FORMAT_POLICIES: Readonly<Record<Format, FormatPolicy>> = {
  deb: { versions: versionsOf(debOrder), sources: ['SOURCE'], placeOf: beside },
  rpm: { versions: versionsOf(rpmOrder), sources: ['SRC', 'NOSRC'], placeOf: beside },
  npm: {
    versions: versionsOf(semverOrder),
    placeOf: ({ name = '' }) => ({ path: `/${name}/`, isWhole: false }),
  },
  raw: { versions: versionsOf(rawOrder), placeOf: ({ name = '' }) => ({ path: `/${name}`, isWhole: true }) },
  python: {
    versions: versionsOf(pep440Order),
    spellName: spellPythonName,
    sources: ['SOURCE'],
    // The page of a project may name files in any folder.
    placeOf: (file) => (file.version === undefined ? { path: '/', isWhole: false } : beside(file)),
  },
  maven: { versions: versionsOf(mavenOrder), splitName: splitCoordinates, placeOf: beside },
  go: { versions: versionsOf(goOrder), placeOf: beside },
  alpine: { versions: versionsOf(alpineOrder), placeOf: beside },
  docker: {
    versions: tagVersions,
    placeOf: ({ name = '' }) => ({ path: `/${name}/manifests/`, isWhole: false }),
  },
  ruby: {
    versions: versionsOf(rubyOrder),
    placeOf: ({ name = '', version = '' }) => ({ path: `/gems/${name}-${version}`, isWhole: false }),
  },
  composer: {
    versions: versionsOf(composerOrder),
    spellName: (name) => name.toLowerCase(),
    placeOf: ({ name = '' }) => ({ path: `/-/${name}/`, isWhole: false }),
  },
  helm: { versions: versionsOf(helmOrder), placeOf: beside },
  cargo: {
    versions: versionsOf(semverOrder),
    spellName: spellCargoName,
    // The configuration of the registry may name any folder.
    placeOf: () => ({ path: '/', isWhole: false }),
  },
  nuget: {
    versions: versionsOf(nugetOrder),
    spellName: (name) => name.toLowerCase(),
    // The service index may name any folder for packages, and another one for what is said of them.
    placeOf: (file) => (isBesidePackage(file) ? beside(file) : { path: '/', isWhole: false }),
  },
  conda: { versions: versionsOf(condaOrder), spellName: (name) => name.toLowerCase(), placeOf: beside },
  terraform: { versions: versionsOf(semverOrder), placeOf: beside },
  arch: { versions: versionsOf(archOrder), placeOf: beside },
  cran: { versions: versionsOf(cranOrder), placeOf: beside },
  luarocks: { versions: versionsOf(luarocksOrder), placeOf: beside },
  hex: {
    versions: versionsOf(plainSemverOrder),
    placeOf: ({ name = '' }) => ({ path: `/tarballs/${name}-`, isWhole: false }),
  },
  // Archives lie in other folders than what names them.
  dart: { versions: versionsOf(pubOrder), placeOf: anywhere },
  swift: {
    versions: versionsOf(plainSemverOrder),
    spellName: (name) => name.toLowerCase(),
    placeOf: ({ path }) => ({ path: `/${firstOf(path, 2).replace(/\.json$/, '')}/`, isWhole: false }),
  },
  vagrant: { versions: versionsOf(vagrantOrder), placeOf: anywhere },
  conan: {
    versions: versionsOf(conanOrder),
    placeOf: ({ path }) => ({ path: `/${firstOf(path, 6)}/`, isWhole: false }),
  },
  huggingface: {
    versions: tagVersions,
    spellName: (name) => name.toLowerCase(),
    placeOf: hubPlace,
  },
}

/** All formats. */
// A record that is typed like this has these keys and no others.
export const FORMATS: readonly Format[] = Object.keys(FORMAT_POLICIES) as Format[]

/** In the same folder, or below it. */
function beside({ path }: Artifact): PackagePlace {
  return { path: `/${path.slice(0, path.lastIndexOf('/') + 1)}`, isWhole: false }
}

/** What belongs to one version and is no document of a registration. */
function isBesidePackage({ version, filename }: Artifact): boolean {
  return version !== undefined && !filename.endsWith('.json')
}

/** Names are in small letters, paths need not be. */
function hubPlace({ path, name = '' }: Artifact): PackagePlace {
  const own = firstOf(path.replace(/^api\/(?:models\/)?/, ''), name.split('/').length)
  return { path: `/${own}/resolve/`, isWhole: false }
}

/** The first segments of a path. */
function firstOf(path: string, count: number): string {
  return path.split('/', count).join('/')
}

function anywhere(): PackagePlace {
  return { path: '/', isWhole: false }
}

/** `group:artifact`. */
function splitCoordinates(coordinates: string): { group: string; name: string } {
  const colon = coordinates.indexOf(':')
  return { group: coordinates.slice(0, Math.max(colon, 0)), name: coordinates.slice(colon + 1) }
}
