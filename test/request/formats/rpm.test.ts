import { describe, expect, test } from 'vitest'
import { leavesGate } from '../../../src/request/formats/rpm.ts'
import { meaning, testTable } from './table.ts'

const DIGEST = '0123456789abcdef'.repeat(4)

describe('metadata', () => {
  testTable(
    'rpm',
    `
    repodata/repomd.xml                              metadata
    el/9/x86_64/repodata/repomd.xml                  metadata
    repodata/repomd.xml.asc                          signature
    repodata/repomd.xml.key                          key
    repodata/${DIGEST}-primary.xml.gz                metadata
    repodata/${DIGEST}-filelists.sqlite.bz2          metadata
    repodata/${DIGEST}-updateinfo.xml.zck            metadata
    repodata/${DIGEST}-modules.yaml.zst              metadata
    repodata/${DIGEST}-appstream-icons.tar.gz        metadata
    repodata/productid                               metadata
    media.1/media                                    metadata
    x86_64/media.1/products                          metadata
    content                                          metadata
    .treeinfo                                        metadata
    x86_64/treeinfo                                  metadata
    .discinfo                                        metadata
    mirrorlist                                       metadata
    metalink                                         metadata
    x86_64/metalink.xml                              metadata
    RPM-GPG-KEY-acme                                 key
    keys/RPM-GPG-KEY-acme-9                          key
    key.asc                                          key
    acme.gpg                                         key
    `,
  )
})

describe('packages', () => {
  testTable(
    'rpm',
    `
    Packages/h/hello-2.10-1.fc39.x86_64.rpm              package hello 2.10-1.fc39 x86_64
    hello-2.10-1.src.rpm                                 package hello 2.10-1 src
    hello-2.10-1.nosrc.rpm                               package hello 2.10-1 nosrc
    java-1.8.0-openjdk-1.8.0.402.b06-2.el8.x86_64.rpm    package java-1.8.0-openjdk 1.8.0.402.b06-2.el8 x86_64
    python3.11-libs-3.11.2-2.el9.i686.rpm                package python3.11-libs 3.11.2-2.el9 i686
    libstdc++-11.4.1-2.el9.aarch64.rpm                   package libstdc++ 11.4.1-2.el9 aarch64
    foo-1.0~rc1-0.1.el9.noarch.rpm                       package foo 1.0~rc1-0.1.el9 noarch
    foo-1.0^git1-1.el9.noarch.rpm                        package foo 1.0^git1-1.el9 noarch
    foo-1:1.0-1.noarch.rpm                               package foo 1.0-1 noarch
    drpms/hello-2.9-1.fc39_2.10-1.fc39.x86_64.drpm       package hello 2.10-1.fc39 x86_64
    hello-2.10-1.x86_64.rpm.asc                          signature hello 2.10-1 x86_64
    hello-2.10-1.x86_64.rpm.sha256                       checksum hello 2.10-1 x86_64
    # where only metadata is expected
    repodata/hello-2.10-1.x86_64.rpm                     package hello 2.10-1 x86_64
    content/hello-2.10-1.x86_64.rpm                      package hello 2.10-1 x86_64
    media.1/media/hello-2.10-1.x86_64.rpm                package hello 2.10-1 x86_64
    mirrorlist-1-1.noarch.rpm                            package mirrorlist 1-1 noarch
    RPM-GPG-KEY-a-1-1.noarch.rpm                         package RPM-GPG-KEY-a 1-1 noarch
    `,
  )
})

describe('directories', () => {
  testTable(
    'rpm',
    `
    repodata/                          listing
    el/9.4/                            listing
    hello-2.10-1.x86_64.rpm/           unknown
    repodata/hello-2.10-1.x86_64.rpm/  unknown
    `,
  )
})

describe('other spellings, and what is no file of an RPM repository', () => {
  testTable(
    'rpm',
    `
    hello-2.10-1.x86_64.RPM                unknown
    hello-2.10-1.x86_64.rpm.               unknown
    hello-2.10-1.x86_64.rpm.key            unknown
    repodata/hello-2.10-1.x86_64.RPM       unknown
    repodata/hello-2.10-1.x86_64.rpm.      unknown
    repodata/hello-2.10-1.x86_64.dRpm      unknown
    repodata/x/repomd.xml                  unknown
    REPODATA/repomd.xml                    unknown
    repodata                               unknown
    hello.rpm                              unknown
    hello-2.10.rpm                         unknown
    hello-2.10-1.rpm                       unknown
    -2.10-1.x86_64.rpm                     unknown
    hello-latest-stable.noarch.rpm         unknown
    hello-2.9_2.10-1.x86_64.delta.rpm      unknown
    hello-2.10-1.x86_64.patch.rpm          unknown
    hello-2.9-1_el9_2.10-1.x86_64.drpm     unknown
    hello-2.10-1.x86_64.deb                unknown
    mirrorlist.rpm                         unknown
    RPM-GPG-KEY-acme.rpm                   unknown
    .rpm                                   unknown
    comps.xml                              unknown
    README                                 unknown
    __proto__                              unknown
    `,
  )

  test.each(['repodata/hello-2.10-1.x86_64.rpm ', 'hello-2.10-1.x86_64.rpm ', ' .rpm', 'repodata/x.rpm . '])(
    '%j is unknown',
    (path) => {
      expect(meaning('rpm', path)).toBe('unknown')
    },
  )
})

describe('lists of mirrors lead past the gate', () => {
  test.each(['mirrorlist', 'el/9/metalink.xml', 'MIRRORLIST', 'mirrorlist-9', 'acme.meta4', 'x.metalink'])(
    '%s',
    (path) => {
      expect(leavesGate(path)).toBe(true)
    },
  )

  test.each(['repodata/repomd.xml', 'mirrorlist-1-1.noarch.rpm', 'mirrorlists', 'metalink/x'])(
    'not %s',
    (path) => {
      expect(leavesGate(path)).toBe(false)
    },
  )
})
