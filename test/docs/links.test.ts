import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createAggregate } from '../../src/telemetry/aggregate.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}

/** Anchors of a page's headings, as they are made for Markdown on the web. */
function anchorsOf(page: string): Set<string> {
  const headings = [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text)
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : join(dirname(page), path)
  if (!existsSync(join(ROOT, target))) return true
  return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor)
}

test.each(PAGES)('every link of %s into the project leads somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  const inside = links.filter((link) => !/^https?:/.test(link))
  expect(inside.filter((link) => isBroken(page, link))).toEqual([])
})

/** Of a store that has been stood in for. */
const STORE = {
  isUp: true,
  entries: 0,
  bytes: 0,
  oldestSeconds: 0,
  replayed: 0,
  deliveries: new Map([['acme/el', 1]]),
}

test('every npm script that the pages name exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = PAGES.flatMap((page) => [...read(page).matchAll(/npm run (?:-s )?([a-z:]+)/g)])
  expect(named).not.toEqual([])
  expect(named.map(([, script = '']) => script).filter((script) => !(script in scripts))).toEqual([])
})

test('every figure that the pages name is one that is exported', async () => {
  const metrics = createMetrics({
    maxCustomers: 1,
    version: 'x',
    collectProcess: false,
    storeFigures: () => STORE,
    frontFigures: () => ({ connections: 0, certificates: [] }),
  })
  const aggregate = createAggregate({
    maxCustomers: 1,
    workers: () => ({ wanted: 1, serving: 1, restarts: 0 }),
  })
  aggregate.take('1', await metrics.snapshot())
  const { body } = await aggregate.read()
  const exported = new Set([...body.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name))
  const named = PAGES.flatMap((page) => [...read(page).matchAll(/\bpostern_[a-z_]+/g)].map(([name]) => name))
  expect(named).not.toEqual([])
  expect(named.filter((name) => !exported.has(name))).toEqual([])
})
