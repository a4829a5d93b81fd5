import { expect, test } from 'vitest'
import { rightsOf, ROLES } from '../../src/policy/roles.ts'

test('nobody may do what an admin may not', () => {
  for (const role of ROLES) expect(rightsOf('admin')).toEqual(expect.arrayContaining([...rightsOf(role)]))
})

test.each(['', 'Admin', 'owner', '__proto__', 'constructor'])('the role %j may do nothing', (role) => {
  expect(rightsOf(role)).toEqual([])
})
