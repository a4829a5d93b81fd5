import { createSecureContext } from 'node:tls'
import { expect, test } from 'vitest'
import { createCertificateSet, type Certificate } from '../../src/front/certificates.ts'

function certificate(label: string, ...names: string[]): Certificate {
  return { label, names, notAfter: 0, context: createSecureContext(), options: {} }
}

const set = createCertificateSet(certificate('first', 'a.example.com'), [
  certificate('wild', '*.example.com'),
  certificate('exact', 'b.example.com', 'other.test'),
  certificate('late', 'b.example.com'),
])

test.each([
  ['a.example.com', 'first'],
  ['b.example.com', 'exact'],
  ['B.Example.COM', 'exact'],
  ['b.example.com.', 'exact'],
  ['other.test', 'exact'],
  ['c.example.com', 'wild'],
  // An asterisk is one label, and never none.
  ['c.d.example.com', 'first'],
  ['example.com', 'first'],
  ['nobody.test', 'first'],
  ['localhost', 'first'],
  ['', 'first'],
])('%s is served with the certificate %s', (name, label) => {
  expect(set.find(name).label).toBe(label)
})
