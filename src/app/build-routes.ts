import { createFilesDeliverer } from '../deliver/files.ts'
import { createHttpDeliverer } from '../deliver/http.ts'
import type { Deliverer } from '../deliver/contract.ts'
import { rewriteNpm } from '../deliver/rewrite/npm.ts'
import type { Config, RepositoryConfig } from '../config/types.ts'
import { createBaseUrl } from '../gateway/base-url.ts'
import type { Routes, Served } from '../gateway/routes.ts'
import { recognizers } from '../request/formats/formats.ts'

/** Makes the routes of a configuration; deliverers that it has in common with the one before go on, with their connections. */
export interface RouteBuilder {
  readonly build: (config: Config) => Routes
  /** Lets go of every deliverer; resolves when the last delivery has ended. */
  readonly close: () => Promise<void>
}

export function createRouteBuilder(onFailure: (repository: string, error: Error) => void): RouteBuilder {
  let deliverers = new Map<string, Deliverer>()
  const closing: Promise<void>[] = []

  const build = (config: Config): Routes => {
    const next = new Map<string, Deliverer>()
    const repositories = new Map<string, Served>()
    for (const [key, repository] of config.repositories) {
      const identity = JSON.stringify([key, repository.format, repository.upstream, config.upstream])
      const known = deliverers.get(identity)
      const deliverer = known ?? createDeliverer(repository, config, (error) => onFailure(key, error))
      next.set(identity, deliverer)
      repositories.set(key, { repository, recognize: recognizers[repository.format], deliverer })
    }
    for (const [identity, deliverer] of deliverers) {
      if (!next.has(identity)) closing.push(deliverer.close())
    }
    deliverers = next
    return asRoutes(config, repositories)
  }
  const close = async (): Promise<void> => {
    await Promise.all([...closing, ...Array.from(deliverers.values(), (each) => each.close())])
  }
  return { build, close }
}

function asRoutes(config: Config, repositories: ReadonlyMap<string, Served>): Routes {
  const { publicUrl, isPublicUrlGuessed, hosts } = config
  return {
    repositories,
    baseUrl: createBaseUrl({ publicUrl, isGuessed: isPublicUrlGuessed, hosts }),
    targetRules: {
      hosts,
      hasScopedNames: (owner, repo) => repositories.get(`${owner}/${repo}`)?.repository.format === 'npm',
    },
  }
}

function createDeliverer(
  { upstream, format }: RepositoryConfig,
  config: Config,
  onFailure: (error: Error) => void,
): Deliverer {
  const storage =
    upstream.kind === 'files'
      ? createFilesDeliverer({ directory: upstream.directory, onFailure })
      : createHttpDeliverer({ url: upstream.url, ...config.upstream, onFailure })
  if (format !== 'npm') return storage
  return rewriteNpm(storage, { upstreamUrl: upstream.kind === 'http' ? upstream.url : undefined, onFailure })
}
