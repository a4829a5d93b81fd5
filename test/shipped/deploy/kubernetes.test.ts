import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as apps from 'kubernetes-models/apps/v1'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import * as policy from 'kubernetes-models/policy/v1'
import * as core from 'kubernetes-models/v1'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig } from '../../../src/config/load.ts'
import { portOf } from '../../app/crew.ts'

const FOLDER = join(import.meta.dirname, '../../../config/kubernetes')
const VARIABLES = { POSTERN_SECRET_KEY: 'x'.repeat(48), REDIS_PASSWORD: 'secret' }

type Models = Readonly<Record<string, new (data: never) => { readonly validate: () => void }>>

const MODELS = {
  v1: core,
  'apps/v1': apps,
  'policy/v1': policy,
  'networking.k8s.io/v1': networking,
} as unknown as Readonly<Record<string, Models>>

interface Container {
  readonly name: string
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly env?: readonly {
    readonly name: string
    readonly valueFrom: { readonly secretKeyRef: SecretKey }
  }[]
  readonly volumeMounts: readonly { readonly name: string }[]
  readonly readinessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } }
  readonly livenessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } }
}

interface SecretKey {
  readonly name: string
  readonly key: string
}

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly template?: {
      readonly spec: {
        readonly containers: readonly Container[]
        readonly volumes?: readonly { readonly name: string }[]
      }
    }
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[]
    readonly ports?: readonly { readonly targetPort: string }[]
  }
}

interface Kustomization {
  readonly resources: readonly string[]
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[]
  readonly patches?: readonly { readonly path: string }[]
}

function manifestsOf(file: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map(
    (document) => document.toJS() as Manifest,
  )
}

const WHOLE = ['redis/redis.yaml', 'gateway/postern.yaml', 'gateway/network.yaml']
const ALL = WHOLE.flatMap(manifestsOf)
const CONTAINERS = [...ALL, ...manifestsOf('sidecar/storage.yaml')].flatMap(
  ({ spec }) => spec.template?.spec.containers ?? [],
)

test.each(ALL.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
  '%s is what the API of Kubernetes takes',
  (_, manifest) => {
    const { apiVersion, kind } = manifest
    const Model = MODELS[apiVersion]?.[kind]
    if (Model === undefined) throw new Error(`There is no ${kind} in ${apiVersion}`)
    new Model(manifest as never).validate()
    expect(() => new Model({ ...manifest, spec: 'nothing' } as never).validate()).toThrow(
      'spec must be object',
    )
  },
)

/** Entries of a list by their names, those of the patch over those that are there, as kustomize merges them. */
function mergeByName<Named extends { readonly name: string }>(
  base: readonly Named[] = [],
  patch: readonly Named[] = [],
): readonly Named[] {
  return [...new Map([...base, ...patch].map((each) => [each.name, each])).values()]
}

test('the gate with the storage beside it is what the API takes, too', () => {
  const gate = ALL.find(({ kind }) => kind === 'Deployment')
  const [patch] = manifestsOf('sidecar/storage.yaml')
  const [pod, added] = [gate?.spec.template?.spec, patch?.spec.template?.spec]
  if (pod === undefined || added === undefined) throw new Error('One of them has no pod')
  expect([patch?.kind, patch?.metadata.name]).toEqual([gate?.kind, gate?.metadata.name])
  const spec = {
    ...pod,
    containers: mergeByName(pod.containers, added.containers),
    volumes: mergeByName(pod.volumes, added.volumes),
  }
  expect(spec.containers.map(({ name }) => name)).toEqual(['postern', 'storage'])
  const volumes = new Set(spec.volumes.map(({ name }) => name))
  const mounted = spec.containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name))
  expect(mounted.filter((name) => !volumes.has(name))).toEqual([])
  const merged = { ...gate, spec: { ...gate?.spec, template: { ...gate?.spec.template, spec } } }
  new apps.Deployment(merged as never).validate()
})

describe.each(readdirSync(FOLDER))('the kustomization of %s', (name) => {
  const kustomization = parse(readFileSync(join(FOLDER, name, 'kustomization.yaml'), 'utf8')) as Kustomization

  test('names files that are there, and leaves none out', () => {
    const { resources, configMapGenerator = [], patches = [] } = kustomization
    const generated = configMapGenerator.flatMap(({ files }) =>
      files.map((file) => file.split('=').at(-1) ?? ''),
    )
    const named = [...resources, ...generated, ...patches.map(({ path }) => path)]
    for (const each of named) expect([each, existsSync(join(FOLDER, name, each))]).toEqual([each, true])
    const files = readdirSync(join(FOLDER, name)).filter((file) => file !== 'kustomization.yaml')
    expect(files.filter((file) => !named.includes(file))).toEqual([])
  })

  test('makes the configuration maps that are mounted', () => {
    const text = readdirSync(join(FOLDER, name))
      .map((file) => readFileSync(join(FOLDER, name, file), 'utf8'))
      .join('\n')
    const mounted = Array.from(text.matchAll(/configMap: \{ name: ([\w-]+) \}/g), ([, map]) => map)
    const made = kustomization.configMapGenerator?.map((map) => map.name) ?? []
    expect(mounted.filter((map) => !made.includes(map ?? ''))).toEqual([])
  })
})

test.each(['gateway', 'sidecar'])('the configuration of %s loads, and listens where the pod says', (name) => {
  const loaded = loadConfig(join(FOLDER, name, 'config.yaml'), VARIABLES)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes))
  const { listen, admin, store } = loaded.config
  const ports = CONTAINERS.find((container) => container.name === 'postern')?.ports
  expect(ports?.map(({ containerPort }) => containerPort)).toEqual([listen, admin.listen].map(portOf))
  expect(store).toMatchObject({ kind: 'redis', nodes: [{ host: 'postern-redis', port: 6379 }] })
})

test('the storage beside the gate listens to the pod alone, at the port that the gate asks', () => {
  const storage = readFileSync(join(FOLDER, 'sidecar/storage.conf'), 'utf8')
  const config = readFileSync(join(FOLDER, 'sidecar/config.yaml'), 'utf8')
  expect(/listen (\S+);/.exec(storage)?.[1]).toBe('127.0.0.1:8000')
  expect(/upstream: http:\/\/([^/]+)\//.exec(config)?.[1]).toBe('127.0.0.1:8000')
})

test('ports, volumes and probes that are named are there, and the secrets are those that the documentation makes', () => {
  const names = new Set(CONTAINERS.flatMap(({ ports = [] }) => ports.map(({ name }) => name)))
  const targets = ALL.flatMap(({ kind, spec }) => (kind === 'Service' ? (spec.ports ?? []) : []))
  expect(targets.map(({ targetPort }) => targetPort).filter((target) => !names.has(target))).toEqual([])
  for (const { spec } of [...ALL, ...manifestsOf('sidecar/storage.yaml')]) {
    const volumes = [
      ...(spec.template?.spec.volumes ?? []),
      ...(spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata),
    ]
    const known = new Set([...volumes.map(({ name }) => name), 'tmp'])
    const mounts = spec.template?.spec.containers.flatMap(({ volumeMounts }) => volumeMounts) ?? []
    expect(mounts.filter(({ name }) => !known.has(name))).toEqual([])
  }
  const gate = CONTAINERS.find(({ name }) => name === 'postern')
  expect([gate?.readinessProbe?.httpGet.path, gate?.livenessProbe?.httpGet.path]).toEqual([
    '/readyz',
    '/healthz',
  ])
  const keys = new Set(
    CONTAINERS.flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom.secretKeyRef.key)),
  )
  const documented = readFileSync(join(FOLDER, '../../docs/deploying.md'), 'utf8')
  for (const key of keys) expect(documented).toContain(`--from-literal=${key}=`)
})
