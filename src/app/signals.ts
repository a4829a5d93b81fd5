const ENDING = ['SIGINT', 'SIGTERM'] as const

/** Resolves at the first signal that asks the process to end. The second one ends it at once, after `abandon`: somebody is impatient. */
export function endingSignal(abandon: () => void): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let isSecond = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!isSecond) {
      isSecond = true
      return resolve(undefined)
    }
    abandon()
    for (const each of ENDING) process.off(each, onSignal)
    process.kill(process.pid, signal)
  }
  for (const signal of ENDING) process.on(signal, onSignal)
  return promise
}
