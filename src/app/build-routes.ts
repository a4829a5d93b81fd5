import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { createArchivesByName } from '../deliver/archives-by-name.ts'
import { createCachingDeliverer, type CacheResult } from '../deliver/cache/caching-deliverer.ts'
import { createObjectStore, type ObjectStore } from '../deliver/cache/object-store.ts'
import { createFileList, type ListFiles } from '../deliver/list-files.ts'
import type { Deliverer } from '../deliver/contract.ts'
import { FORMAT_DELIVERIES } from '../deliver/formats.ts'
import { createModuleLocations } from '../deliver/module-location.ts'
import { createRegistryDeliverer } from '../deliver/registry/registry-deliverer.ts'
import { createLocatingDeliverer } from '../deliver/rewrite/locating.ts'
import { createRewritingDeliverer } from '../deliver/rewrite/rewriting.ts'
import { createRoom, type Room } from '../deliver/rewrite/room.ts'
import { createLinkDeliverer } from '../deliver/s3/link-deliverer.ts'
import type { Config, EulaConfig, PageConfig, RepositoryConfig, SetupConfig } from '../config/types.ts'
import { createBaseUrl } from '../gateway/base-url.ts'
import type { Terms } from '../gateway/eula/terms.ts'
import { createBrand, type Brand, type PageSettings } from '../gateway/page/settings.ts'
import type { Routes, Served } from '../gateway/routes.ts'
import type { KeySource, SetupSettings } from '../gateway/setup/settings.ts'
import { FORMAT_RULES } from '../request/formats/formats.ts'
import type { UpstreamFigures } from '../telemetry/upstream-metrics.ts'
import { memoize } from './memoize.ts'
import { createStorages, type Storages, type UpstreamEvents } from './storages.ts'

/** Makes the routes of a configuration; deliverers that it has in common with the one before go on, with their connections. */
export interface RouteBuilder {
  readonly build: (config: Config) => Routes
  /** Forgets files that are kept in memory; gives how many they were. */
  readonly purge: ObjectStore['purge']
  readonly cacheSize: ObjectStore['size']
  /** Of the repositories whose upstreams are judged. */
  readonly upstreamStates: () => ReturnType<UpstreamFigures['states']>
  /** Lets go of every deliverer; resolves when the last delivery has ended. */
  readonly close: () => Promise<void>
}

export interface RouteBuilderOptions extends UpstreamEvents {
  /** Told why the storage of a repository failed. */
  readonly onFailure: (repository: string, error: Error) => void
  readonly onCacheResult: (result: CacheResult) => void
  /** Epoch ms. */
  readonly clock: () => number
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
  /** Unique among all processes; letters and digits. */
  readonly newId: () => string
  /** From 0 to below 1. */
  readonly random: () => number
  /** Whether customers reach this process. */
  readonly serves: boolean
}

/** Paths of a repository whose artifacts are remembered: most requests are for a few of them. */
const REMEMBERED_PATHS = 2_000

export function createRouteBuilder(options: RouteBuilderOptions): RouteBuilder {
  let deliverers = new Map<string, Built>()
  let memory: Memory | undefined
  const closing: Promise<void>[] = []
  const room = createRoom(DOCUMENTS_BYTES)

  const build = (config: Config): Routes => {
    const next = new Map<string, Built>()
    const repositories = new Map<string, Served>()
    memory = remember(memory, config)
    for (const [key, repository] of config.repositories) {
      const { format, upstream, mirrors, failover, cache, deliver: way } = repository
      const servesCached = repository.whenStoreFails === 'serve_cached'
      const storages = [upstream, mirrors, failover, config.upstream]
      const identity = JSON.stringify([key, format, storages, way, cache && config.cache])
      const built =
        deliverers.get(identity) ?? createDeliverer(key, repository, { ...options, config, memory, room })
      next.set(identity, built)
      const rules = FORMAT_RULES[format]
      const recognize = memoize(rules.recognize, REMEMBERED_PATHS)
      repositories.set(key, {
        repository,
        rules,
        recognize,
        deliverer: built.deliverer,
        servesCached,
        setup: asSettings(repository.setup),
        about: asPage(repository.page),
        terms: asTerms(repository.eula),
        listFiles: listerOf(repository, options),
        accel: repository.deliver === 'accel' ? repository.accelPrefix : undefined,
      })
    }
    for (const [identity, { deliverer }] of deliverers) {
      if (!next.has(identity)) closing.push(deliverer.close())
    }
    deliverers = next
    return asRoutes(config, repositories)
  }
  const close = async (): Promise<void> => {
    await Promise.all([...closing, ...Array.from(deliverers.values(), ({ deliverer }) => deliverer.close())])
  }
  return {
    build,
    purge: (what) => memory?.store?.purge(what) ?? 0,
    cacheSize: () => memory?.store?.size() ?? { objects: 0, bytes: 0 },
    upstreamStates: () => Array.from(deliverers.values()).flatMap(statesOf),
    close,
  }
}

function asSettings({ key, suite, components, path, signedPackages }: SetupConfig): SetupSettings {
  return {
    key: key === null ? undefined : keySource(key),
    suite: suite ?? undefined,
    components: components ?? undefined,
    path: path ?? undefined,
    signedPackages,
  }
}

/** A file is read each time: a key that was replaced needs no restart. */
function keySource({ kind, path }: NonNullable<SetupConfig['key']>): KeySource {
  return kind === 'path' ? { kind, path } : { kind, name: basename(path), read: () => readFile(path) }
}

function asTerms(eula: EulaConfig | null): Terms | undefined {
  return eula === null ? undefined : { ...eula, text: eula.text ?? undefined, url: eula.url ?? undefined }
}

function asPage(page: PageConfig): PageSettings {
  return { isShown: page.isShown, brand: asBrand(page), showsPackages: page.namesPackages }
}

/** The picture was there when the file was checked; a page without it is better than none. */
function asBrand({ name, logo, color, contact }: PageConfig): Brand {
  const given = { name: name ?? undefined, color: color ?? undefined, contact: contact ?? undefined }
  return createBrand({ ...given, logo: logo === null ? undefined : readPicture(logo) })
}

function readPicture({ path, type }: NonNullable<PageConfig['logo']>): string | undefined {
  try {
    return `data:${type};base64,${readFileSync(path).toString('base64')}`
  } catch {
    return undefined
  }
}

/** Of a folder so many files are looked at, not more often than this. */
const MOST_LISTED = 5_000
const LISTED_MS = 15_000

function listerOf({ upstream }: RepositoryConfig, { monotonic }: RouteBuilderOptions): ListFiles | undefined {
  if (upstream.kind !== 'files') return undefined
  return createFileList({
    directory: upstream.directory,
    mostFiles: MOST_LISTED,
    keepMs: LISTED_MS,
    monotonic,
  })
}

/** The memory for small files, and the settings that it was made for. */
interface Memory {
  readonly settings: string
  /** undefined: nothing is to be kept. */
  readonly store: ObjectStore | undefined
}

function remember(before: Memory | undefined, { cache }: Config): Memory {
  const settings = JSON.stringify(cache)
  if (before?.settings === settings) return before
  return { settings, store: cache.maxBytes === 0 ? undefined : createObjectStore(cache.maxBytes) }
}

function asRoutes(config: Config, repositories: ReadonlyMap<string, Served>): Routes {
  const { publicUrl, isPublicUrlGuessed, hosts } = config
  return {
    repositories,
    brand: asBrand(config.page),
    baseUrl: createBaseUrl({ publicUrl, isGuessed: isPublicUrlGuessed, hosts }),
    targetRules: {
      hosts,
      hasScopedNames: (owner, repo) => repositories.get(`${owner}/${repo}`)?.rules.hasScopedNames === true,
    },
  }
}

interface Parts extends RouteBuilderOptions {
  readonly config: Config
  readonly memory: Memory
  readonly room: Room
}

/** A repository's deliverer, and what it knows of its storages. */
interface Built {
  readonly repository: string
  readonly deliverer: Deliverer
  readonly states: Storages['states']
}

function statesOf({ repository, states }: Built) {
  return (states?.() ?? []).map((state, at) => ({ repository, upstream: at + 1, state }))
}

function createDeliverer(key: string, repository: RepositoryConfig, parts: Parts): Built {
  const { memory, room, monotonic, config } = parts
  const { format, cache, deliver: way } = repository
  const { isRegistry = false } = FORMAT_DELIVERIES[format]
  const onFailure = (error: Error): void => parts.onFailure(key, error)
  const storages = createStorages(key, repository, {
    ...parts,
    patience: config.upstream,
    isRegistry,
    onFailure,
  })
  const { deliverer: bare, states } = storages
  const cached = cache && memory.store !== undefined ? createCached(bare, key, parts, memory.store) : bare
  const deliverer = isRegistry
    ? createRegistryDeliverer(cached, { monotonic, room, onFailure })
    : withDocuments(way === 'redirect' ? withLinks(cached, storages) : cached, format, storages, {
        room,
        onFailure,
      })
  return { repository: key, deliverer, states }
}

function withLinks(inner: Deliverer, { links, preferred }: Storages): Deliverer {
  return links.length === 0 ? inner : createLinkDeliverer(inner, links, preferred)
}

/** With documents made for each client. Those of each storage may name that storage. */
function withDocuments(
  inner: Deliverer,
  format: RepositoryConfig['format'],
  { bases }: Storages,
  { room, onFailure }: { readonly room: Room; readonly onFailure: (error: Error) => void },
): Deliverer {
  const { createRewriter, createLocator, tellsByHeader, archivesByName } = FORMAT_DELIVERIES[format]
  const options = { limitBytes: LARGEST_DOCUMENT, room, onFailure }
  const named = archivesByName ? createArchivesByName(inner) : inner
  const storage = tellsByHeader ? createModuleLocations(named) : named
  const [locator, ...otherLocators] = createLocator === undefined ? [] : bases.map(createLocator)
  const found =
    locator === undefined
      ? storage
      : createLocatingDeliverer(storage, locator, { ...options, others: otherLocators })
  const [rewriter, ...others] = createRewriter === undefined ? [] : bases.map(createRewriter)
  return rewriter === undefined ? found : createRewritingDeliverer(found, rewriter, { ...options, others })
}

/** A packument with thousands of versions has some 20 MB. */
const LARGEST_DOCUMENT = 64 * 1024 * 1024
/** Of all documents that are rewritten at the same time. What is made of them takes as much again. */
const DOCUMENTS_BYTES = 3 * LARGEST_DOCUMENT

/** What is not whole by then is streamed. */
const OBJECT_PATIENCE_MS = 5_000

function createCached(storage: Deliverer, repository: string, parts: Parts, store: ObjectStore): Deliverer {
  const { clock, monotonic, onCacheResult } = parts
  const { maxBytes, maxObjectBytes, defaultTtlMs } = parts.config.cache
  return createCachingDeliverer(storage, {
    store,
    repository,
    maxObjectBytes: Math.min(maxObjectBytes, maxBytes),
    defaultTtlMs,
    patienceMs: OBJECT_PATIENCE_MS,
    clock,
    monotonic,
    onResult: onCacheResult,
  })
}
