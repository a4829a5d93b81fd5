import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createContainerCredentials } from '../../../../src/deliver/s3/credentials/container.ts'
import { askForCredentials } from '../../../../src/deliver/s3/credentials/http.ts'
import { createInstanceCredentials } from '../../../../src/deliver/s3/credentials/instance.ts'
import { createWebIdentityCredentials } from '../../../../src/deliver/s3/credentials/web-identity.ts'
import { startCrudeServer } from '../../../support/crude-server.ts'
import { temporaryDirectory } from '../../../support/processes.ts'

interface Asked extends Pick<IncomingMessage, 'method' | 'url' | 'headers'> {
  readonly body: string
}
type Answering = (asked: Asked) => readonly [status: number, text: string, headers?: Record<string, string>]

/** A service that gives credentials, as its documentation describes it: the real ones exist inside AWS only. */
async function startService(answer: Answering) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method, url, headers } = request
    const one = { method, url, headers, body: Buffer.concat(chunks).toString() } as Asked
    asked.push(one)
    const [status, text, more] = answer(one)
    response.writeHead(status, more).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const EXPIRES = '2026-03-04T05:06:07Z'
const DOCUMENT = {
  Code: 'Success',
  Type: 'AWS-HMAC',
  AccessKeyId: 'ASIAEXAMPLE',
  SecretAccessKey: 'hunter2',
  Token: 'session+/=',
  Expiration: EXPIRES,
}
const EXPECTED = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'hunter2',
  sessionToken: 'session+/=',
  expiresAt: Date.parse(EXPIRES),
}

/** EC2's, in its second version: nothing without a session, which only PUT opens. */
const instance: Answering = ({ method, url, headers }) => {
  if (url === '/latest/api/token') {
    const isGood = method === 'PUT' && headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined
    return isGood ? [200, 'SESSION'] : [405, '']
  }
  if (headers['x-aws-ec2-metadata-token'] !== 'SESSION') return [401, '']
  if (url === '/latest/meta-data/iam/security-credentials/') return [200, 'packages-role']
  if (url === '/latest/meta-data/iam/security-credentials/packages-role')
    return [200, JSON.stringify(DOCUMENT)]
  return [404, '']
}

test('an instance gives the credentials of its role to who opened a session', async () => {
  await using service = await startService(instance)
  expect(await createInstanceCredentials(service.url)()).toEqual(EXPECTED)
  expect(service.asked.map(({ method }) => method)).toEqual(['PUT', 'GET', 'GET'])
})

test('an instance without a role is told to have none', async () => {
  await using service = await startService((asked) =>
    asked.url?.endsWith('security-credentials/') ? [404, ''] : instance(asked),
  )
  await expect(createInstanceCredentials(service.url)()).rejects.toThrow(
    'no credentials for the storage: the instance metadata service answered 404; give the instance a role',
  )
})

test('a container is asked with its token, read from its file each time', async () => {
  await using directory = await temporaryDirectory('token')
  const tokenFile = join(directory.path, 'token')
  await using service = await startService(() => [200, JSON.stringify(DOCUMENT)])
  const fetchCredentials = createContainerCredentials({
    url: `${service.url}/v2/credentials/1`,
    token: undefined,
    tokenFile,
  })
  await writeFile(tokenFile, 'one\n')
  expect(await fetchCredentials()).toEqual(EXPECTED)
  await writeFile(tokenFile, 'two\n')
  await fetchCredentials()
  expect(service.asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ['/v2/credentials/1', 'one'],
    ['/v2/credentials/1', 'two'],
  ])
})

const ASSUMED = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Credentials>
      <SessionToken>session+/=</SessionToken>
      <SecretAccessKey>hunter2</SecretAccessKey>
      <Expiration>${EXPIRES}</Expiration>
      <AccessKeyId>ASIAEXAMPLE</AccessKeyId>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`

const ROLE = { roleArn: 'arn:aws:iam::123456789012:role/packages', sessionName: 'postern' }

test('a web identity is exchanged for the credentials of a role, in the body of a POST', async () => {
  await using directory = await temporaryDirectory('token')
  const tokenFile = join(directory.path, 'token')
  await writeFile(tokenFile, 'eyJ.web.identity\n')
  await using service = await startService(() => [200, ASSUMED])
  const fetchCredentials = createWebIdentityCredentials({ ...ROLE, endpoint: `${service.url}/`, tokenFile })
  expect(await fetchCredentials()).toEqual(EXPECTED)
  const [asked] = service.asked
  expect([asked?.method, asked?.url]).toEqual(['POST', '/'])
  expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: ROLE.roleArn,
    RoleSessionName: 'postern',
    WebIdentityToken: 'eyJ.web.identity',
  })
})

test('a refused web identity says why, and nothing of the token', async () => {
  await using directory = await temporaryDirectory('token')
  const tokenFile = join(directory.path, 'token')
  await writeFile(tokenFile, 'hunter2')
  const text =
    '<ErrorResponse><Error><Code>AccessDenied</Code><Message>hunter2 is not authorized</Message></Error></ErrorResponse>'
  await using service = await startService(() => [403, text])
  const fetchCredentials = createWebIdentityCredentials({ ...ROLE, endpoint: service.url, tokenFile })
  await expect(fetchCredentials()).rejects.toThrow(
    /^no credentials for the storage: the token service \(STS\) answered 403; AccessDenied: look at the trust policy of the role, and the token$/,
  )
  await expect(
    createWebIdentityCredentials({ ...ROLE, endpoint: service.url, tokenFile: `${tokenFile}s` })(),
  ).rejects.toThrow(`the token file ${tokenFile}s can't be read`)
})

test.each([
  ['no JSON', 'hunter2', /has no AccessKeyId/],
  ['a list', '["hunter2"]', /has no AccessKeyId/],
  ['no secret', JSON.stringify({ ...DOCUMENT, SecretAccessKey: '' }), /has no SecretAccessKey/],
  ['no date', JSON.stringify({ ...DOCUMENT, Expiration: 'hunter2' }), /does not tell when they expire/],
])('an answer that is %s gives no credentials, and nothing of it is told', async (_, text, told) => {
  await using service = await startService(() => [200, text])
  const failure = await createContainerCredentials({
    url: service.url,
    token: undefined,
    tokenFile: undefined,
  })()
    .then(() => new Error('there are some'))
    .catch((error: Error) => error)
  expect(failure.message).toMatch(told)
  expect(failure.message).not.toContain('hunter2')
})

test.each([
  ['accepts and says nothing', ''],
  ['begins an answer that does not end', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{'],
])('a service that %s is not waited for any longer than its time, and told of', async (_, begun) => {
  await using silent = await startCrudeServer((socket) => void socket.write(begun))
  const url = `${silent.url}/hunter2`
  await expect(askForCredentials({ name: 'the service', url }, 100)).rejects.toThrow(
    `no credentials for the storage: the service at ${silent.url} does not answer; look at s3.credentials`,
  )
})

test('a redirect is not followed: the token would go along', async () => {
  await using other = await startService(() => [200, JSON.stringify(DOCUMENT)])
  await using service = await startService(() => [307, '', { location: other.url }])
  const options = { url: service.url, token: 'hunter2', tokenFile: undefined }
  await expect(createContainerCredentials(options)()).rejects.toThrow('does not answer')
  expect(other.asked).toEqual([])
})
