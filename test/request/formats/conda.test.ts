import { expect, test } from 'vitest'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'

const { recognize, isHidden } = FORMAT_RULES.conda

test.each([
  'noarch/repodata.json.bz2',
  'linux-64/current_repodata.json.bz2',
  'noarch/repodata.jlap',
  'noarch/repodata_shards.msgpack.zst',
])('%s is a form of an index that is never found', (path) => {
  expect(isHidden(recognize(path))).toBe(true)
})

test.each([
  'noarch/repodata.json',
  'noarch/repodata.json.zst',
  'noarch/tool-1.0-0.tar.bz2',
  'noarch/x.bz2',
  'noarch/',
])('%s is found', (path) => {
  expect(isHidden(recognize(path))).toBe(false)
})

test.each(['index.html', 'linux-64/index.html'])('%s is the listing of a folder', (path) => {
  expect(recognize(path).kind).toBe('listing')
})
