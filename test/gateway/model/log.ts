import { isLine, readLines, type Line } from '../lines.ts'

/** What the hosts wrote. */
export interface Log {
  /** By the number of the request. */
  readonly lines: ReadonlyMap<number, Line>
  /** How often a store did not answer in time. */
  readonly late: number
  /** What should not stand there. */
  readonly complaints: readonly string[]
}

/** Reads all that hosts printed. Lines about requests name their number as user agent. */
export function readLog(outputs: readonly string[]): Log {
  const lines = new Map<number, Line>()
  const complaints: string[] = []
  let late = 0
  for (const line of outputs.flatMap(readLines)) {
    if (isLine(line)) {
      const id = Number(/^model (\d+)$/.exec(line.user_agent ?? '')?.[1])
      if (lines.has(id) || Number.isNaN(id)) complaints.push(`twice, or of nobody: ${JSON.stringify(line)}`)
      lines.set(id, line)
    } else if (line.error?.code === 'unavailable') late++
    else if (line.level === 'error' || line.msg.includes('lost')) complaints.push(JSON.stringify(line))
  }
  return { lines, complaints, late }
}
