import { expect, test } from 'vitest'
import { createStorageLineReader } from '../../../src/edge/logs/storage-line.ts'

const S3 =
  '79a5 bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 arn:aws:iam::1:user/x 3E57 REST.GET.OBJECT pool/a%252Bb.deb'
const TAIL = '- 113 113 7 - "-" "curl/8" - abc= SigV4 TLS'

const read = (line: string) => createStorageLineReader()(line)

test('reads a line of S3', () => {
  expect(read(`${S3} "GET /pool/a%2Bb.deb?x-postern-id=ab12&X-Amz-Date=1 HTTP/1.1" 206 ${TAIL}`)).toEqual({
    link: 'ab12',
    status: 206,
    bytes: 113,
  })
  expect(read(`${S3} "GET /x?a=b&x-postern-id=ab12 HTTP/1.1" 404 NoSuchKey - - 7 - "-" "-" -`)).toEqual({
    link: 'ab12',
    status: 404,
    bytes: 0,
  })
})

test.each([
  `${S3} "GET /x HTTP/1.1" 200 ${TAIL}`,
  `${S3.replace('GET.OBJECT', 'HEAD.OBJECT')} "HEAD /x?x-postern-id=ab12 HTTP/1.1" 200 ${TAIL}`,
  `${S3} "GET /x?x-postern-id=ab-12 HTTP/1.1" 200 ${TAIL}`,
  `${S3} "GET /x?y-x-postern-id=ab12 HTTP/1.1" 200 ${TAIL}`,
  `${S3} "GET /x?x-postern-id=ab12 HTTP/1.1" - ${TAIL}`,
  '',
  'x-postern-id=ab12',
])('%s is no line about a link', (line) => {
  expect(read(line)).toBeUndefined()
})

test('reads a file of CloudFront by the fields that it names, without the headers that it counts', () => {
  const reader = createStorageLineReader()
  expect(reader('#Version: 1.0')).toBeUndefined()
  expect(reader('#Fields: sc-bytes cs-method sc-status cs-uri-query sc-content-len')).toBeUndefined()
  expect(reader('1400\tGET\t200\tx-postern-id=ab12&b=c\t1000')).toEqual({
    link: 'ab12',
    status: 200,
    bytes: 1000,
  })
  expect(reader('400\tGET\t200\tx-postern-id=ab12\t1000')).toMatchObject({ bytes: 400 })
  expect(reader('400\tGET\t200\tx-postern-id=ab12\t-')).toMatchObject({ bytes: 400 })
  expect(reader('400\tHEAD\t200\tx-postern-id=ab12\t-')).toBeUndefined()
  expect(reader('400\tGET\t000\t-\t-')).toBeUndefined()
})
