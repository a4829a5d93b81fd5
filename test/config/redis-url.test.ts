import { describe, expect, test } from 'vitest'
import { parseRedis, type RedisConfig } from '../../src/config/redis-url.ts'

const PLAIN = {
  kind: 'redis',
  topology: 'single',
  nodes: [{ host: 'db.example.com', port: 6379 }],
  masterName: null,
  username: null,
  password: null,
  sentinelUsername: null,
  sentinelPassword: null,
  db: 0,
  tls: null,
  prefix: 'postern',
  replicas: 0,
}
const NO_FILES = { ca: null, cert: null, key: null }

describe('an address of Redis', () => {
  test.each<[string, Partial<RedisConfig>]>([
    ['redis://db.example.com', {}],
    ['redis://db.example.com/', {}],
    ['redis://DB.example.com:6379/3', { db: 3 }],
    ['redis://[2001:db8::1]:7000', { nodes: [{ host: '2001:db8::1', port: 7000 }] }],
    ['redis://:s3cret@db.example.com', { password: 's3cret' }],
    ['redis://postern:p%40ss%2Fw%3A%3Frd@db.example.com', { username: 'postern', password: 'p@ss/w:?rd' }],
    ['redis://u:a:b@db.example.com', { username: 'u', password: 'a:b' }],
    ['redis://u:a@b@db.example.com', { username: 'u', password: 'a@b' }],
    ['rediss://db.example.com', { tls: NO_FILES }],
    [
      'rediss://db.example.com?ca=tls/ca.pem&cert=c.pem&key=k.pem',
      { tls: { ca: 'tls/ca.pem', cert: 'c.pem', key: 'k.pem' } },
    ],
    ['redis://db.example.com?prefix=acme:gate&replicas=2', { prefix: 'acme:gate', replicas: 2 }],
    [
      'redis+sentinel://:pw@one,two:7000/main/2?sentinel_password=other',
      {
        topology: 'sentinel',
        nodes: [
          { host: 'one', port: 26_379 },
          { host: 'two', port: 7000 },
        ],
        masterName: 'main',
        password: 'pw',
        sentinelPassword: 'other',
        db: 2,
      },
    ],
    [
      'rediss+cluster://one,two:7000',
      {
        topology: 'cluster',
        nodes: [
          { host: 'one', port: 6379 },
          { host: 'two', port: 7000 },
        ],
        tls: NO_FILES,
      },
    ],
  ])('%s is read', (text, fields) => {
    expect(parseRedis(text)).toEqual({ ok: true, value: { ...PLAIN, ...fields } })
  })

  test.each([
    'redis:',
    'redis:host',
    'redis://',
    'redis://host:',
    'redis://host:0',
    'redis://host name',
    'redis://host/0/1',
    'redis://host/-1',
    'redis+sentinel://host/',
    'redis+sentinel://host/name/x',
    'redis+cluster://',
    'redis+cluster://one,',
    'redis://host?prefix=',
    'redis://host?replicas=-1',
    'redis://host#fragment',
  ])('%s is not', (text) => {
    expect(parseRedis(text).ok).toBe(false)
  })
})
