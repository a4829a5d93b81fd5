import { describe, expect, test } from 'vitest'
import { meaning, testTable } from './table.ts'

const DIGEST = '0123456789abcdef'.repeat(4)

describe('documents', () => {
  testTable(
    'npm',
    `
    left-pad                        metadata left-pad
    socket.io                       metadata socket.io
    JSONStream                      metadata JSONStream
    @acme/widget                    metadata @acme/widget
    constructor                     metadata constructor
    download                        metadata download
    left-pad/1.0.0                  metadata left-pad 1.0.0
    @acme/widget/1.0.0-rc.1         metadata @acme/widget 1.0.0-rc.1
    left-pad/latest                 metadata left-pad
    @acme/widget/next-1             metadata @acme/widget
    # npm and pnpm look for their own updates
    npm                             metadata npm
    pnpm                            metadata pnpm
    `,
  )
})

describe('tarballs', () => {
  testTable(
    'npm',
    `
    left-pad/-/left-pad-1.0.0.tgz                          package left-pad 1.0.0
    left-pad/-/left-pad-1.0.0-rc.1+build.5.tgz             package left-pad 1.0.0-rc.1+build.5
    socket.io/-/socket.io-4.0.0.tgz                        package socket.io 4.0.0
    JSONStream/-/JSONStream-1.3.5.tgz                      package JSONStream 1.3.5
    ~x/-/~x-1.0.0.tgz                                      package ~x 1.0.0
    a-1.0.0/-/a-1.0.0-2.0.0.tgz                            package a-1.0.0 2.0.0
    @acme/widget/-/widget-1.1.0.tgz                        package @acme/widget 1.1.0
    @acme/widget/-/@acme/widget-1.1.0.tgz                  package @acme/widget 1.1.0
    @acme/_x/-/_x-1.0.0.tgz                                package @acme/_x 1.0.0
    download/-/download-1.0.0.tgz                          package download 1.0.0
    download/left-pad/1.0.0/${DIGEST}                      package left-pad 1.0.0
    download/@acme/widget/1.0.0/${DIGEST.slice(24)}        package @acme/widget 1.0.0
    `,
  )
})

describe('endpoints', () => {
  testTable(
    'npm',
    `
    -/ping                                        metadata
    -/whoami                                      metadata
    -/npm/v1/keys                                 metadata
    -/npm/v1/security/advisories/bulk             metadata
    -/npm/v1/security/audits/quick                metadata
    -/npm/v1/attestations/left-pad@1.0.0          metadata left-pad 1.0.0
    -/npm/v1/attestations/@acme/widget@1.0.0      metadata @acme/widget 1.0.0
    -/package/left-pad/dist-tags                  metadata left-pad
    -/package/@acme/widget/dist-tags              metadata @acme/widget
    -/v1/search                                   listing
    -/all                                         listing
    -/all/since                                   listing
    # what no installation needs
    -                                             unknown
    -/npm/v1/attestations/left-pad                unknown
    -/npm/v1/attestations/@acme/widget            unknown
    -/npm/v1/user                                 unknown
    -/npm/v1/tokens                               unknown
    -/user/org.couchdb.user:me                    unknown
    -/org/acme/package                            unknown
    -/team/acme/x/package                         unknown
    -/package/left-pad/dist-tags/latest           unknown
    -/package/left-pad/access                     unknown
    -/_view/starredByUser                         unknown
    `,
  )
})

describe('directories', () => {
  testTable(
    'npm',
    `
    left-pad/                                 listing
    socket.io/                                listing
    @acme/                                    listing
    left-pad/-/                               listing
    left-pad/-/left-pad-1.0.0.tgz/            unknown
    left-pad-1.0.0.TGZ/                       unknown
    download/left-pad/1.0.0/${DIGEST}/        unknown
    `,
  )
})

describe('other spellings, and what is no path of an npm registry', () => {
  testTable(
    'npm',
    `
    left-pad/-/left-pad-1.0.0.TGZ                   unknown
    left-pad/-/Left-Pad-1.0.0.tgz                   unknown
    Left-Pad/-/left-pad-1.0.0.tgz                   unknown
    left-pad/-/left-pad-1.0.0.tgz.                  unknown
    left-pad/-/left-pad-1.0.0.tgz/x                 unknown
    left-pad/-/left-pad-1.0.0.tar.gz                unknown
    left-pad/-/left-pad-1.0.tgz                     unknown
    left-pad/-/left-pad-v1.0.0.tgz                  unknown
    left-pad/-/left-pad-.tgz                        unknown
    left-pad/-/right-pad-1.0.0.tgz                  unknown
    left-pad/-/x/left-pad-1.0.0.tgz                 unknown
    left-pad/1.0.0/-/left-pad-1.0.0.tgz             unknown
    left-pad/-                                      unknown
    @acme/widget/-/other-1.1.0.tgz                  unknown
    @acme/widget/-/@other/widget-1.1.0.tgz          unknown
    @acme/widget/-/widget-1.1.0.tgz.sha512          unknown
    left-pad-1.0.0.tgz                              unknown
    left-pad.tar.gz                                 unknown
    @acme/widget-1.0.0.tgz                          unknown
    download/left-pad/1.0.0/${DIGEST.toUpperCase()}  unknown
    download/left-pad/1.0/${DIGEST}                 unknown
    download/left-pad/1.0.0                         unknown
    left-pad/1.x                                    unknown
    left-pad/package.json                           unknown
    left-pad/index.json                             unknown
    left-pad/1.0.0/x                                unknown
    left pad                                        unknown
    @acme                                           unknown
    @/widget                                        unknown
    @acme/-x                                        unknown
    _x                                              unknown
    .x                                              unknown
    __proto__                                       unknown
    `,
  )

  test.each(['left-pad/-/left-pad-1.0.0.tgz ', 'left-pad ', 'left-pad/-/left-pad-1.0.0.tgz\u200b'])(
    '%j is unknown',
    (path) => {
      expect(meaning('npm', path)).toBe('unknown')
    },
  )
})
