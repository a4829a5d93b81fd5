import { expect, test } from 'vitest'
import type { PackageJson, RepositoryJson } from '../../../src/console/api/types.ts'
import { draftOf, NEW_TOKEN, type Draft } from '../../../src/console/pages/token-form/draft.ts'
import { sortPackages } from '../../../src/console/pages/token-form/known-packages.ts'

const repository: RepositoryJson = {
  namespace: 'acme',
  name: 'js',
  format: 'npm',
  is_public: false,
  cdn_url: 'https://example.com/acme/js/',
}

const known = (name: string, version: string): PackageJson => ({
  name,
  version,
  format: 'npm',
  filename: `${name}-${version}.tgz`,
  slug_perm: `${name}${version}`,
  repository: 'js',
  downloads: 1,
  bandwidth: 1,
  last_downloaded_at: '2030-01-01T00:00:00Z',
})

const packages = [known('widget', '1.0.0'), known('widget', '2.0.0'), known('gadget', '1.0.0')]

function sort(part: Partial<Draft>) {
  const sorted = sortPackages({ ...draftOf(NEW_TOKEN), ...part }, repository, packages)
  const ids = (list: readonly PackageJson[]): string[] => list.map(({ slug_perm: id }) => id)
  return sorted && [ids(sorted.opened), ids(sorted.kept), ids(sorted.untold)]
}

test('without rules everything is opened, with an empty list nothing', () => {
  expect(sort({})).toEqual([['widget1.0.0', 'widget2.0.0', 'gadget1.0.0'], [], []])
  expect(sort({ limit_packages: '' })).toEqual([[], ['widget1.0.0', 'widget2.0.0', 'gadget1.0.0'], []])
})

test('rules and queries are judged together', () => {
  expect(sort({ limit_packages: 'widget@>=2' })?.[0]).toEqual(['widget2.0.0'])
  expect(sort({ limit_packages: 'widget', limit_package_query: 'version:<2' })?.[0]).toEqual(['widget1.0.0'])
})

test('what only the file itself would tell is not guessed, and mistakes judge nothing', () => {
  expect(sort({ limit_package_query: 'architecture:amd64' })?.[2]).toHaveLength(3)
  expect(sort({ limit_path_query: '^/widget/' })?.[2]).toHaveLength(3)
  expect(sort({ limit_package_query: 'nmae:a' })).toBeUndefined()
})
