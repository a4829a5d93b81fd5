import { expect, test } from 'vitest'
import { createAdmission } from '../../src/admin/admission.ts'
import { json, type Answer } from '../../src/admin/answer.ts'

const OK = json(200, 'done')
const here = (): boolean => false

function openWork() {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  return { work: () => promise, done: () => resolve(OK) }
}

test('so many are worked on at once, the next when one is done, in the order in which they came', async () => {
  const admit = createAdmission({ atOnce: 2, waiting: 10, refusedAfterMs: 0 })
  const begun: number[] = []
  const works = [0, 1, 2, 3].map(openWork)
  const answers = works.map(({ work }, at) =>
    admit(() => {
      begun.push(at)
      return work()
    }, here),
  )
  await expect.poll(() => begun).toEqual([0, 1])
  works[1]?.done()
  await expect.poll(() => begun).toEqual([0, 1, 2])
  for (const { done } of works) done()
  expect(await Promise.all(answers)).toEqual([OK, OK, OK, OK])
})

test('what there is no room for is told to come again, and the others are answered', async () => {
  const admit = createAdmission({ atOnce: 1, waiting: 1, refusedAfterMs: 1 })
  const first = openWork()
  const [one, other] = [admit(first.work, here), admit(() => OK, here)]
  const refused = await admit(() => OK, here)
  expect(refused).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
  first.done()
  expect(await Promise.all([one, other])).toEqual([OK, OK])
})

test('work that fails gives its place back', async () => {
  const admit = createAdmission({ atOnce: 1, waiting: 5, refusedAfterMs: 0 })
  const broken = (): Promise<Answer> => Promise.reject(new Error('broken'))
  const [failing, next] = [admit(broken, here), admit(() => OK, here)]
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe(OK)
})

test('for a client that is gone nothing is done', async () => {
  const admit = createAdmission({ atOnce: 1, waiting: 5, refusedAfterMs: 0 })
  let isDone = false
  await admit(
    () => {
      isDone = true
      return OK
    },
    () => true,
  )
  expect(isDone).toBe(false)
})
