import { describe, expect, test } from 'vitest'
import { meaning, testTable } from './table.ts'

const DIGEST = '0123456789abcdef'.repeat(4)
const LISTS = 'dists/stable/main/binary-amd64'

describe('indexes', () => {
  testTable(
    'deb',
    `
    dists/stable/InRelease                                   metadata
    dists/stable/Release                                     metadata
    dists/stable/Release.gpg                                 signature
    dists/bookworm-security/updates/InRelease                metadata
    debian/dists/stable/InRelease                            metadata
    ${LISTS}/Packages                                        metadata
    ${LISTS}/Packages.gz                                     metadata
    ${LISTS}/Packages.xz                                     metadata
    ${LISTS}/Packages.lz4                                    metadata
    ${LISTS}/Release                                         metadata
    dists/stable/main/source/Sources.bz2                     metadata
    dists/stable/main/i18n/Translation-en                    metadata
    dists/stable/main/i18n/Translation-de_DE.bz2             metadata
    dists/stable/main/i18n/Index                             metadata
    dists/stable/main/dep11/Components-amd64.yml.gz          metadata
    dists/stable/main/dep11/CID-Index-amd64.json.gz          metadata
    dists/stable/main/dep11/icons-48x48@2.tar.gz             metadata
    dists/stable/main/cnf/Commands-amd64.xz                  metadata
    dists/stable/Contents-amd64.gz                           metadata
    dists/stable/main/Contents-source.gz                     metadata
    dists/stable/main/Contents-udeb-amd64.gz                 metadata
    # as patches
    ${LISTS}/Packages.diff/Index                             metadata
    ${LISTS}/Packages.diff/2026-01-01-0000.00.gz             metadata
    ${LISTS}/Packages.diff/T-2026-01-01-F-2025-12-31.gz      metadata
    # by digest
    ${LISTS}/by-hash/MD5Sum/${DIGEST.slice(32)}              metadata
    ${LISTS}/by-hash/SHA1/${DIGEST.slice(24)}                metadata
    ${LISTS}/by-hash/SHA256/${DIGEST}                        metadata
    ${LISTS}/by-hash/SHA512/${DIGEST}${DIGEST}               metadata
    ${LISTS}/Packages.diff/by-hash/SHA256/${DIGEST}          metadata
    # of a flat repository
    InRelease                                                metadata
    Release.gpg                                              signature
    Packages                                                 metadata
    Packages.zst                                             metadata
    Contents-amd64.gz                                        metadata
    unstable/Sources.gz                                      metadata
    `,
  )
})

describe('packages', () => {
  testTable(
    'deb',
    `
    pool/main/g/gcc-12/libgcc-s1_12.2.0-14_amd64.deb         package libgcc-s1 12.2.0-14 amd64
    pool/main/g/gcc-12/libstdc++6_12.2.0-14_amd64.deb        package libstdc++6 12.2.0-14 amd64
    pool/libf/libfoo-demo_1.5~rc1+dfsg-1_amd64.deb           package libfoo-demo 1.5~rc1+dfsg-1 amd64
    foo_2%3a1.5-1_all.deb                                    package foo 1.5-1 all
    foo_2:1.5-1_all.deb                                      package foo 1.5-1 all
    foo_1.0_linux-any.deb                                    package foo 1.0 linux-any
    netcfg_1.0_amd64.udeb                                    package netcfg 1.0 amd64
    foo-dbgsym_1.0_amd64.ddeb                                package foo-dbgsym 1.0 amd64
    google-chrome-stable_current_amd64.deb                   package google-chrome-stable - amd64
    foo__amd64.deb                                           package foo - amd64
    # in folders that are called like indexes
    InRelease/foo_1.0_amd64.deb                              package foo 1.0 amd64
    Packages.gz/foo_1.0_amd64.deb                            package foo 1.0 amd64
    x/Packages.diff/foo_1.0_amd64.deb                        package foo 1.0 amd64
    x/i18n/foo_1.0_amd64.deb                                 package foo 1.0 amd64
    x/by-hash/SHA256/foo_1.0_amd64.deb                       package foo 1.0 amd64
    # sources
    foo_1.0-1.dsc                                            metadata foo 1.0-1 source
    foo_1.0.orig.tar.gz                                      package foo 1.0 source
    foo_1.0.orig-extra.tar.xz                                package foo 1.0 source
    foo_1.0-1.debian.tar.xz                                  package foo 1.0-1 source
    foo_1.0-1.diff.gz                                        package foo 1.0-1 source
    foo_1.0.tar.zst                                          package foo 1.0 source
    `,
  )
})

describe('what lies beside packages', () => {
  testTable(
    'deb',
    `
    foo_1.0.orig.tar.gz.asc          signature foo 1.0 source
    foo_1.0_amd64.deb.asc            signature foo 1.0 amd64
    foo_1.0_amd64.deb.sha256         checksum foo 1.0 amd64
    foo_1.0_amd64.changes            metadata foo 1.0 amd64
    foo_1.0_amd64.buildinfo          metadata foo 1.0 amd64
    key.asc                          key
    acme-archive-keyring.gpg         key
    keys/acme.pub                    key
    `,
  )
})

describe('directories', () => {
  testTable(
    'deb',
    `
    dists/stable/                    listing
    pool/main/g/gcc-12/              listing
    foo_1.0_amd64.deb/               unknown
    Packages.gz/                     unknown
    `,
  )

  test('the repository itself is a listing', () => {
    expect(meaning('deb', '')).toBe('listing')
  })
})

describe('other spellings, and what is no file of a Debian repository', () => {
  testTable(
    'deb',
    `
    foo_1.0_amd64.DEB                          unknown
    Foo_1.0_amd64.deb                          unknown
    foo_1.0_AMD64.deb                          unknown
    foo_1.0_amd64.deb.                         unknown
    foo_1.0_amd64.deb::$DATA                   unknown
    foo_1.0_amd64.deb ;x                       unknown
    foo_1.0_amd64.deb.deb                      unknown
    foo_1.0_amd64.deb.key                      unknown
    foo_1.0_amd64.deb.gpg                      unknown
    foo_1.0_x_amd64.deb                        unknown
    foo_1.0_.deb                               unknown
    _1.0_amd64.deb                             unknown
    f_1.0_amd64.deb                            unknown
    foo.deb                                    unknown
    foo_1.0_amd64                              unknown
    foo_1.0_amd64.tar.gz                       unknown
    foo_1.0_amd64.rpm                          unknown
    packages.gz                                unknown
    Packages.GZ                                unknown
    Packages.gz.gz                             unknown
    Packages.zip                               unknown
    inrelease                                  unknown
    other/Translation-en                       unknown
    other/icons-48x48.tar                      unknown
    x/by-hash/sha256/${DIGEST}                 unknown
    x/by-hash/SHA256/${DIGEST}0                unknown
    x/by-hash/SHA256/${DIGEST.toUpperCase()}   unknown
    x/by-hash/SHA256/x/${DIGEST}               unknown
    .deb                                       unknown
    .asc                                       unknown
    _                                          unknown
    __                                         unknown
    __proto__                                  unknown
    README.md                                  unknown
    `,
  )

  test.each([
    'foo_1.0_amd64.deb ',
    ' foo_1.0_amd64.deb',
    'foo_1.0_amd64.deb\u200b',
    'foo_1.0_amd64\uff0edeb',
  ])('%j is unknown', (path) => {
    expect(meaning('deb', path)).toBe('unknown')
  })
})
