import { expect, test } from 'vitest'
import { downloadUrl } from '../../src/app/download-url.ts'

const JS = { owner: 'acme', repo: 'js' }
const at = (hosts: Record<string, string>, publicUrl = 'https://dl.example.com'): string =>
  downloadUrl({ publicUrl, hosts: new Map(Object.entries(hosts)) }, JS)

test('is below the public URL, and leaves out what its host implies', () => {
  expect(at({})).toBe('https://dl.example.com/basic/acme/js/')
  expect(at({}, 'http://dl.example.com:8080/gate')).toBe('http://dl.example.com:8080/gate/basic/acme/js/')
  expect(at({ 'dl.example.com': 'acme' })).toBe('https://dl.example.com/basic/js/')
  expect(at({ 'dl.example.com': 'acme/js' })).toBe('https://dl.example.com/basic/')
})

test('is at another host where that of the public URL belongs to others', () => {
  const hosts = { 'dl.example.com': 'globex', 'npm.example.com': 'acme/js' }
  expect(at(hosts)).toBe('https://npm.example.com/basic/')
  expect(at({ 'dl.example.com': 'acme/el', 'acme.example.com': 'acme' })).toBe(
    'https://acme.example.com/basic/js/',
  )
})
