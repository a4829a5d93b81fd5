/** What a host wrote down about a request of the model. */
export interface Line {
  readonly id: number
  readonly method: string
  readonly status: number
  readonly outcome: string
  readonly path: string
  readonly token: string
  readonly client: string
  readonly bytes: number
  readonly downloads: number
}

/** What the hosts wrote. */
export interface Log {
  readonly lines: ReadonlyMap<number, Line>
  /** How often a store did not answer in time. */
  readonly late: number
  /** What should not stand there. */
  readonly complaints: readonly string[]
}

/** A line of the log, of which some fields are there and others not. */
interface Text extends Line {
  readonly level: string
  readonly msg: string
  readonly user_agent?: string
  readonly error?: { readonly code?: string }
}

/** Reads all that hosts printed. Access lines name the request as user agent. */
export function readLog(outputs: readonly string[]): Log {
  const lines = new Map<number, Line>()
  const complaints: string[] = []
  let late = 0
  for (const text of outputs.flatMap((output) => output.split('\n')).filter((line) => line.startsWith('{'))) {
    const line = JSON.parse(text) as Text
    const id = Number(/^model (\d+)$/.exec(line.user_agent ?? '')?.[1])
    if (line.msg === 'request') {
      if (lines.has(id) || Number.isNaN(id)) complaints.push(`written twice, or of nobody: ${text}`)
      lines.set(id, { ...line, id })
    } else if (line.error?.code === 'unavailable') late++
    else if (line.level === 'error' || line.msg.includes('lost')) complaints.push(text)
  }
  return { lines, complaints, late }
}

/** True for the body of a file that was paid for. */
export function isDelivery({ method, status }: Line): boolean {
  return method === 'GET' && (status === 200 || status === 206)
}
