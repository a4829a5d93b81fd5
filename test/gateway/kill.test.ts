import { describe, expect, test } from 'vitest'
import type { GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { waitForAll, workersOf } from './crew.ts'
import { bytesOf, tallyOf, untilServed, wholeOf, type Ending } from './customers.ts'
import { SCARCE, sentBy, startScene, untilBusy, untilSlowOnesCame, untilUsedUp } from './scene.ts'

const LONGEST_MS = 180_000
const SOON = { timeout: 30_000 }
const GIVEN_BACK = { what: 'all charges that were in vain to be given back', timeoutMs: 60_000 }
/** Longer than a host tries by itself to settle a delivery. */
const OUTAGE_MS = 5_000

describe.runIf(process.platform === 'linux')('two hosts under load', () => {
  test(
    'lose with a worker that is killed its own deliveries, no charge and no limit',
    async (context) => {
      await using scene = await startScene('everysec')
      const { hosts, customers, ample, scarce, read } = scene
      await untilBusy(scene)
      const [victim = -1] = workersOf(hosts[0])
      const killedAt = performance.now()
      process.kill(victim, 'SIGKILL')
      await waitFor(() => !workersOf(hosts[0]).includes(victim))
      await waitForAll(hosts[0])
      const replacedMs = Math.round(performance.now() - killedAt)
      await untilUsedUp(scene, performance.now())
      await customers.stop()

      const { endings } = customers
      const lost = endings.filter(({ how }) => how === 'cut' || how === 'no answer')
      for (const token of [ample, scarce]) {
        const whole = wholeOf(endings, token).length
        const { downloads } = await read(token)
        expect(downloads).toBeGreaterThanOrEqual(whole)
        expect(downloads).toBeLessThanOrEqual(
          whole + lost.filter((each) => each.token === token.token).length,
        )
      }
      expect((await read(scarce)).downloads).toBeLessThanOrEqual(SCARCE)
      expect(Number((await read(ample))['bandwidth'])).toBeGreaterThanOrEqual(bytesOf(endings, ample))
      const served = untilServed(hosts, endings, killedAt)
      await context.annotate(JSON.stringify({ ended: tallyOf(endings), served, replacedMs }))
    },
    LONGEST_MS,
  )

  // Redis answers before it writes while its last write is on the way to the disk, which it allows two seconds.
  test.for([
    { appendfsync: 'always', recentMs: 0, lost: 'nothing' },
    { appendfsync: 'everysec', recentMs: 3_000, lost: 'its last moments at most' },
  ] as const)(
    'lose with Redis that is killed $lost when its log is written $appendfsync, and serve by themselves when it is back',
    { timeout: LONGEST_MS },
    async ({ appendfsync, recentMs }, context) => {
      await using scene = await startScene(appendfsync)
      const { redis, hosts, customers, ample, scarce, free, read } = scene
      await untilBusy(scene)
      const killedAt = performance.now()
      await redis.stop('SIGKILL')
      await untilSlowOnesCame(scene, killedAt)
      await waitFor(() => performance.now() - killedAt > OUTAGE_MS)
      const launchedAt = performance.now()
      await redis.restart()
      const backAt = performance.now()
      await untilUsedUp(scene, backAt)
      // What was charged when the answer got lost is given back a little later, and then used.
      await waitFor(() => wholeOf(customers.endings, scarce).length >= SCARCE, GIVEN_BACK)
      await customers.stop()

      const { endings } = customers
      expect(Object.keys(tallyOf(endings)).toSorted()).toEqual(['200', '403', '503'])
      const acknowledged = endings.filter(
        ({ endedAt }) => endedAt > killedAt - recentMs && endedAt <= killedAt,
      )
      const recent: readonly Ending[] = recentMs === 0 ? [] : acknowledged
      const beyond = wholeOf(endings, scarce).length - SCARCE
      expect(beyond).toBeGreaterThanOrEqual(0)
      expect(beyond).toBeLessThanOrEqual(wholeOf(recent, scarce).length)
      const missing = async (token: GateToken): Promise<readonly [number, number]> => {
        const { downloads, bandwidth } = await read(token)
        return [wholeOf(endings, token).length - downloads, bytesOf(endings, token) - Number(bandwidth)]
      }
      for (const token of [ample, scarce, free]) {
        const isRight = async (): Promise<boolean> => {
          const [downloads, bytes] = await missing(token)
          const isEnough = downloads <= wholeOf(recent, token).length && bytes <= bytesOf(recent, token)
          return isEnough && downloads >= 0 && bytes >= 0
        }
        await expect.poll(isRight, SOON).toBe(true)
      }
      const during = endings.filter(({ endedAt }) => endedAt > killedAt && endedAt < backAt)
      const served = untilServed(hosts, endings, backAt)
      const left = await Promise.all([ample, scarce, free].map(missing))
      const loadedMs = Math.round(backAt - launchedAt)
      await context.annotate(JSON.stringify({ during: tallyOf(during), served, loadedMs, beyond, left }))
    },
  )

  test(
    'charge for what a storage that is killed had sent, and serve by themselves when it is back',
    async (context) => {
      await using scene = await startScene('everysec')
      const { nginx, hosts, customers, ample, scarce, read } = scene
      await untilBusy(scene)
      const killedAt = performance.now()
      await nginx.kill()
      const failedAt = (host: number): number =>
        customers.endings.filter((each) => each.host === host && each.how === '502').length
      await waitFor(() => hosts.every((_, host) => failedAt(host) > 100), { what: 'failures' })
      await nginx.restart()
      const backAt = performance.now()
      await untilUsedUp(scene, backAt)
      await customers.stop()

      const { endings } = customers
      for (const token of [ample, scarce]) {
        const uncounted = async (): Promise<readonly [number, number]> => {
          const [{ downloads, bandwidth }, [sent, bytes]] = [await read(token), sentBy(scene, token)]
          return [sent - downloads, bytes - Number(bandwidth)]
        }
        await expect.poll(uncounted, SOON).toEqual([0, 0])
        expect((await read(token)).downloads).toBeGreaterThanOrEqual(wholeOf(endings, token).length)
      }
      expect((await read(scarce)).downloads).toBe(SCARCE)
      const during = endings.filter(({ endedAt }) => endedAt > killedAt && endedAt < backAt)
      const served = untilServed(hosts, endings, backAt)
      await context.annotate(JSON.stringify({ during: tallyOf(during), served }))
    },
    LONGEST_MS,
  )
})
