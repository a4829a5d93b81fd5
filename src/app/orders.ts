import type { Assignment, Order, Question, Report } from './messages.ts'

/** What the primary, or whoever sends signals, wants of this worker. */
export interface Orders {
  /** Resolves to undefined when it is to end before it has begun. */
  readonly assignment: Promise<Assignment | undefined>
  /** Resolves when this worker is to end: told to, by a signal, or because the primary is gone. */
  readonly end: Promise<void>
  /** From now on questions are answered; those that came before are, too, in their order. */
  readonly answerWith: (answer: (question: Question) => Promise<unknown>) => void
}

/** Listens to the primary and to signals. A signal to the whole group of processes reaches a worker as well: it ends as it is told to. */
export function receiveOrders(onError: (error: unknown) => void): Orders {
  const assignment = Promise.withResolvers<Assignment | undefined>()
  const end = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<(question: Question) => Promise<unknown>>()

  const reply = async (id: number, question: Question): Promise<void> => {
    const answerQuestion = await answer.promise
    // No answer is one, too: nobody waits for what failed.
    const answered = await answerQuestion(question).catch(onError)
    await report({ kind: 'answer', id, answered })
  }
  const finish = (): void => {
    assignment.resolve(undefined)
    end.resolve()
  }
  process.on('message', (message) => {
    const order = message as Order
    if (order.kind === 'start') assignment.resolve(order.assignment)
    else if (order.kind === 'drain') finish()
    else if (order.kind === 'ask') void reply(order.id, order.question)
  })
  process.once('disconnect', finish)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, finish)
  // The primary reads the file, for all.
  process.on('SIGHUP', () => undefined)
  return { assignment: assignment.promise, end: end.promise, answerWith: answer.resolve }
}

/** Tells the primary. Resolves when it is on its way, or there is nobody to tell. */
export function report(message: Report): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || process.send === undefined) resolve()
    else process.send(message, undefined, undefined, () => resolve())
  })
}
