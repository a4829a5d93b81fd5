import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import { createPlaces } from '../../src/config/places.ts'
import type { S3Upstream } from '../../src/config/types.ts'

type Variables = Readonly<Record<string, string>>

/** The upstream of one repository, as it is understood where these variables are set. */
function load(s3: object, variables: Variables = {}, upstream = 's3://packages/debian'): S3Upstream {
  const text = JSON.stringify({ repositories: { 'acme/deb': { format: 'deb', upstream, s3 } } })
  const loaded = parseConfig(text, createPlaces('/etc/postern/postern.yaml'), variables)
  if (!loaded.ok)
    throw new Error(loaded.mistakes.map(({ path, message }) => `${path}: ${message}`).join('\n'))
  const repository = loaded.config.repositories.get('acme/deb')
  if (repository?.upstream.kind !== 's3') throw new Error('it is no bucket')
  expect(repository).toMatchObject({ cache: true, deliver: 'stream' })
  return repository.upstream
}

test('a bucket of AWS needs its region and nothing else', () => {
  expect(load({ region: 'eu-central-1' })).toEqual({
    kind: 's3',
    bucket: 'packages',
    prefix: 'debian/',
    endpoint: 'https://s3.eu-central-1.amazonaws.com',
    publicEndpoint: 'https://s3.eu-central-1.amazonaws.com',
    region: 'eu-central-1',
    addressing: 'virtual',
    credentials: { kind: 'instance', endpoint: 'http://169.254.169.254' },
    linkMs: 60_000,
  })
  expect(load({}, { AWS_REGION: 'cn-north-1' }).endpoint).toBe('https://s3.cn-north-1.amazonaws.com.cn')
})

test('others need an endpoint and nothing else', () => {
  expect(load({ endpoint: 'http://minio.example.com:9000/' })).toMatchObject({
    endpoint: 'http://minio.example.com:9000',
    publicEndpoint: 'http://minio.example.com:9000',
    region: 'us-east-1',
    addressing: 'path',
  })
})

test('a bucket that no certificate covers stands in the path', () => {
  const region = { region: 'eu-central-1' }
  expect(load(region, {}, 's3://packages.example.com').addressing).toBe('path')
  expect(load(region, {}, 's3://packages.example.com').prefix).toBe('')
})

test('a prefix is taken as it is written, with one slash at its end', () => {
  const prefixes = ['a b/c%20d', 'a b/c%20d/'].map(
    (prefix) => load({ region: 'eu-central-1' }, {}, `s3://packages/${prefix}`).prefix,
  )
  expect(prefixes).toEqual(['a b/c%20d/', 'a b/c%20d/'])
})

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'hunter2' }
const IDENTITY = { AWS_ROLE_ARN: 'arn:aws:iam::1:role/x', AWS_WEB_IDENTITY_TOKEN_FILE: '/run/token' }
const TASK = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1' }
const POD = {
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/run/pod-token',
}
const METADATA = { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://[fd00:ec2::254]/' }

const cases: [string, object, Variables, object][] = [
  [
    'keys of the file',
    { access_key_id: 'AKIAFILE', secret_access_key: 'hunter3', session_token: '' },
    KEYS,
    { kind: 'keys', accessKeyId: 'AKIAFILE', secretAccessKey: 'hunter3', sessionToken: null },
  ],
  [
    'keys of the environment',
    {},
    { ...KEYS, AWS_SESSION_TOKEN: 'session', ...IDENTITY, ...TASK },
    { kind: 'keys', accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'hunter2', sessionToken: 'session' },
  ],
  [
    'a web identity of the environment',
    {},
    { ...IDENTITY, ...TASK },
    {
      kind: 'web_identity',
      endpoint: 'https://sts.eu-central-1.amazonaws.com/',
      roleArn: 'arn:aws:iam::1:role/x',
      tokenFile: '/run/token',
      sessionName: 'postern',
    },
  ],
  [
    'a web identity of the file',
    {
      role_arn: 'arn:aws:iam::1:role/y',
      token_file: 'token',
      sts_endpoint: 'https://minio.example.com:9000',
    },
    { ...KEYS, AWS_ROLE_SESSION_NAME: 'gate' },
    {
      kind: 'web_identity',
      endpoint: 'https://minio.example.com:9000/',
      roleArn: 'arn:aws:iam::1:role/y',
      tokenFile: '/etc/postern/token',
      sessionName: 'gate',
    },
  ],
  [
    'a task',
    {},
    TASK,
    { kind: 'container', url: 'http://169.254.170.2/v2/credentials/1', token: null, tokenFile: null },
  ],
  [
    'a pod',
    {},
    POD,
    {
      kind: 'container',
      url: 'http://169.254.170.23/v1/credentials',
      token: null,
      tokenFile: '/run/pod-token',
    },
  ],
  ['an instance', {}, METADATA, { kind: 'instance', endpoint: 'http://[fd00:ec2::254]' }],
  ['what is wanted, whatever there is', { from: 'instance' }, { ...KEYS, ...METADATA }, { kind: 'instance' }],
]
test.each(cases)('credentials come from %s', (_, credentials, variables, expected) => {
  expect(load({ region: 'eu-central-1', credentials }, variables).credentials).toMatchObject(expected)
})

test('a container is not asked without TLS at just any address', () => {
  const variables = { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://credentials.example.com/' }
  expect(() => load({ region: 'eu-central-1' }, variables)).toThrow('come from the container')
})

test('no mistake repeats a value of the environment', () => {
  const from = { from: 'keys' }
  expect(() => load({ region: 'eu-central-1', credentials: from }, KEYS)).toThrow(
    /^repositories\.acme\/deb\.s3\.credentials: need access_key_id and secret_access_key, both$/,
  )
})
