import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const BUILT = join(import.meta.dirname, '../../dist/console')
const MOST_SCRIPT_BYTES = 150_000

const files = readdirSync(BUILT, { recursive: true, encoding: 'utf8' }).filter((name) => extname(name) !== '')
const read = (name: string): string => readFileSync(join(BUILT, name), 'utf8')
const withExtension = (extension: string): string[] => files.filter((name) => extname(name) === extension)

test('all scripts together are small', () => {
  const sizes = withExtension('.js').map((name) => gzipSync(read(name)).length)
  expect(sizes).not.toEqual([])
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_SCRIPT_BYTES)
})

test('no script needs what only Node has', () => {
  for (const name of withExtension('.js'))
    expect(read(name)).not.toMatch(/["'`]node:|\bprocess\.|\brequire\(/)
})

test('the page holds no script and no style of its own, and loads nothing from elsewhere', () => {
  const page = read('index.html')
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/)
  const loaded = [...page.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, url = '']) => url)
  expect(loaded.every((url) => url.startsWith('/console/assets/'))).toBe(true)
  for (const name of withExtension('.css')) expect(read(name)).not.toMatch(/@import|url\(/)
})

test('what is kept for ever has a name that changes with it', () => {
  const kept = files.filter((name) => name.startsWith('assets/'))
  expect(kept.filter((name) => !/-[\w-]{8}\.\w+$/.test(name))).toEqual([])
  expect(files.filter((name) => !name.startsWith('assets/'))).toEqual(['index.html'])
})
