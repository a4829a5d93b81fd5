import { describe, expect, test } from 'vitest'
import { meaning, testTable } from './table.ts'

describe('files', () => {
  testTable(
    'raw',
    `
    tool                                    package tool
    tools/1.2.0/tool-linux-amd64.tar.gz     package tools/1.2.0/tool-linux-amd64.tar.gz
    other.pub                               package other.pub
    100%                                    package 100%
    .hidden/x                               package .hidden/x
    ..x                                     package ..x
    Größe.txt                               package Größe.txt
    release notes.pdf                       package release notes.pdf
    tool.sha256/x                           package tool.sha256/x
    __proto__                               package __proto__
    # a suffix alone, or in capitals, vouches for nothing
    .asc                                    package .asc
    a/.asc                                  package a/.asc
    .sha256                                 package .sha256
    md5                                     package md5
    tool.SHA256                             package tool.SHA256
    tool.ASC                                package tool.ASC
    keys                                    package keys
    `,
  )
})

describe('what vouches for files', () => {
  testTable(
    'raw',
    `
    tool.sig                      signature tool
    tool.tar.gz.asc               signature tool.tar.gz
    tool.tar.gz.minisig           signature tool.tar.gz
    tool.tar.gz.sha256            checksum tool.tar.gz
    tool.tar.gz.sha256sum         checksum tool.tar.gz
    tool.tar.gz.sha256.asc        signature tool.tar.gz
    SHA256SUMS                    checksum SHA256SUMS
    v1/SHA256SUMS.asc             signature v1/SHA256SUMS
    v1/MD5SUM.txt                 checksum v1/MD5SUM.txt
    v1/checksums.txt              checksum v1/checksums.txt
    v1/tool_1.0_checksums.txt     checksum v1/tool_1.0_checksums.txt
    KEYS                          key
    key.asc                       key
    keys/cosign.pub               key
    `,
  )
})

describe('directories', () => {
  testTable(
    'raw',
    `
    tool/                   listing
    v1.2/                   listing
    v1.2.0/tool.exe/        unknown
    KEYS.asc/               unknown
    `,
  )
})

describe('segments that Windows would shorten are unknown', () => {
  test.each(['tool.exe.', 'tool.exe ', 'tool.exe. .', 'Acme Inc./tool', 'dir /tool', 'KEYS.', 'tool.asc.'])(
    '%j',
    (path) => {
      expect(meaning('raw', path)).toBe('unknown')
    },
  )
})
