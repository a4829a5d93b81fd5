import { expect, test } from 'vitest'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'

const { recognize, leavesGate } = FORMAT_RULES.rpm

test.each(['mirrorlist', 'el/9/metalink.xml', 'MIRRORLIST', 'mirrorlist-9', 'acme.meta4', 'x.metalink'])(
  '%s is a list of mirrors, which leads past the gate',
  (path) => {
    expect(leavesGate(recognize(path))).toBe(true)
  },
)

test.each(['repodata/repomd.xml', 'mirrorlist-1-1.noarch.rpm', 'mirrorlists', 'metalink/x'])(
  '%s is no list of mirrors',
  (path) => {
    expect(leavesGate(recognize(path))).toBe(false)
  },
)
