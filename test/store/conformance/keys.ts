import { expect, test } from 'vitest'
import { newName, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

export function describeKeys(open: OpenStore): void {
  const stores = useTwoStores(open)
  const newKey = () => ({ id: newName(), name: 'ci', digest: newName(), createdAt: NOW })

  test('a key is found by its digest in every store', async () => {
    const { one, other } = stores()
    const key = newKey()
    await one.keys.create(key)
    expect(await other.keys.find(key.digest)).toEqual(key)
    expect(await other.keys.find(newName())).toBeUndefined()
  })

  test('a key whose digest is known stays as it was', async () => {
    const { one, other } = stores()
    const key = newKey()
    await one.keys.create(key)
    const before = await one.keys.count()
    await other.keys.create({ ...newKey(), digest: key.digest })
    expect(await one.keys.find(key.digest)).toEqual(key)
    expect(await one.keys.count()).toBe(before)
  })

  test('keys are counted', async () => {
    const { one, other } = stores()
    const before = await one.keys.count()
    await Promise.all([one.keys.create(newKey()), other.keys.create(newKey())])
    expect(await one.keys.count()).toBe(before + 2)
  })
}
