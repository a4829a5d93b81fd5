import type { RefusalCode } from '../../policy/refusal.ts'

const STEPS: Readonly<Record<string, string>> = {
  target: 'Address',
  client: 'Client',
  artifact: 'File',
  method: 'Method',
  credential: 'Secret',
  token: 'Token',
  decide: 'What the token may',
  storage: 'Storage',
  published: 'Date of the file',
  limits: 'Counters',
}

/** What a step of a request's way is about. */
export function stepTitle(step: string): string {
  return STEPS[step] ?? step
}

/** A field of a token, as the API calls it and as a person does. */
export interface RefusingField {
  readonly field: string
  readonly title: string
}

const FIELDS: Readonly<Partial<Record<RefusalCode, RefusingField>>> = {
  token_disabled: { field: 'is_active', title: 'whether it is switched on' },
  token_not_yet_valid: { field: 'limit_date_range_from', title: 'from when on it works' },
  token_expired: { field: 'limit_date_range_to', title: 'until when it works' },
  network_not_allowed: { field: 'limit_networks', title: 'its networks' },
  repository_not_covered: { field: 'repositories', title: 'its repositories' },
  package_not_covered: { field: 'limit_packages', title: 'its packages' },
  published_too_late: { field: 'limit_published_until', title: 'how new its packages may be' },
  downloads_used_up: { field: 'limit_num_downloads', title: 'how many downloads it has' },
  clients_used_up: { field: 'limit_num_clients', title: 'how many clients it has' },
  bandwidth_used_up: { field: 'limit_bandwidth', title: 'how much bandwidth it has' },
  rate_exceeded: { field: 'limit_rate', title: 'how many requests a second it has' },
  concurrency_exceeded: { field: 'limit_concurrency', title: 'how many downloads at once it has' },
}

/** Which field of the token makes the gate refuse; undefined: none does. */
export function refusingField(code: string | undefined): RefusingField | undefined {
  return code !== undefined && Object.hasOwn(FIELDS, code) ? FIELDS[code as RefusalCode] : undefined
}
