import { Agent } from 'node:http'
import { get } from '../test/support/requests.ts'
import type { Case } from './cases.ts'

/** Asks once for every path of a case and compares status, length and body to the last byte. @throws at the first difference. */
export async function checkAnswers(cases: readonly Case[]): Promise<void> {
  using agent = disposableAgent()
  for (const { group, peer, files, status } of cases) {
    for (const path of files.paths) {
      const answer = await get(peer.origin + peer.pathOf(path), { agent: agent.value })
      const isRight =
        answer.complete &&
        answer.status === status &&
        (status !== 200 ||
          (answer.headers['content-length'] === String(files.body.length) && answer.body.equals(files.body)))
      if (!isRight)
        throw new Error(
          `${group}, ${peer.name}: ${path} answered ${answer.status} ${answer.reason}, ${answer.body.length} bytes`,
        )
    }
  }
}

function disposableAgent(): { readonly value: Agent } & Disposable {
  const value = new Agent({ keepAlive: true })
  return { value, [Symbol.dispose]: () => value.destroy() }
}
