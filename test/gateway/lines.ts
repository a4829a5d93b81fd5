/** A line of the log about a request. */
export interface Line {
  readonly method: string
  readonly status: number
  readonly outcome: string
  readonly path: string | null
  readonly token: string | null
  readonly client: string
  readonly bytes: number
  readonly downloads: number
  readonly user_agent: string | null
}

/** A line of the log about something else. */
export interface Remark {
  readonly level: string
  readonly msg: string
  readonly error?: { readonly code?: string }
}

/** What a host printed, in its order. */
export function readLines(output: string): readonly (Line | Remark)[] {
  const texts = output.split('\n').filter((text) => text.startsWith('{') && text.endsWith('}'))
  return texts.map((text) => JSON.parse(text) as Line | Remark)
}

export function isLine(line: Line | Remark): line is Line {
  return 'status' in line
}

/** True for the body of a file that was paid for. */
export function isDelivery({ method, status }: Line): boolean {
  return method === 'GET' && (status === 200 || status === 206)
}
