import { Agent } from 'node:http'
import { get } from '../test/support/requests.ts'
import type { Case } from './cases.ts'
import type { Ask } from './workloads/workload.ts'

const AT_ONCE = 8
/** More requests than that are not all looked at. */
const LONG = 1_000

/**
 * Makes the requests of the cases once, of a long workload each `stride`-th, and compares status, length and body to the last byte. Gives
 * how many downloads were to be charged for them, by case. @throws at the first difference.
 */
export async function checkAnswers(cases: readonly Case[], stride: number): Promise<readonly number[]> {
  using agent = disposableAgent()
  const charged: number[] = []
  for (const each of cases) {
    const { asks: all } = each.workload
    const asks = all.length > LONG ? all.filter((_, index) => index % stride === 0) : all
    const lanes = Array.from({ length: AT_ONCE }, (_, lane) =>
      asks.filter((_ask, at) => at % AT_ONCE === lane),
    )
    await Promise.all(lanes.map((lane) => checkAll(each, lane, agent.value)))
    charged.push(asks.filter(({ isCharged }) => isCharged).length)
  }
  return charged
}

async function checkAll({ group, peer }: Case, asks: readonly Ask[], agent: Agent): Promise<void> {
  for (const { path, headers, token, status, body } of asks) {
    const answer = await get(peer.origin + peer.pathOf(path, token), { agent, headers })
    const hasBody = status === 200
    const isRight =
      answer.complete &&
      answer.status === status &&
      (!hasBody || (answer.headers['content-length'] === String(body.length) && answer.body.equals(body)))
    if (!isRight)
      throw new Error(
        `${group}, ${peer.name}: ${path} answered ${answer.status} ${answer.reason}, ${answer.body.length} bytes: ${answer.body.toString('latin1', 0, 200)}`,
      )
  }
}

function disposableAgent(): { readonly value: Agent } & Disposable {
  const value = new Agent({ keepAlive: true })
  return { value, [Symbol.dispose]: () => value.destroy() }
}
