import { readFileSync } from 'node:fs'

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly type: string; readonly query: unknown }[] }
}

const DASHBOARD = new URL('../../config/grafana/postern.json', import.meta.url)

/** An expression of the dashboard, and the panel it is drawn in. */
export interface Drawn {
  readonly panel: string
  /** As Prometheus is asked: with values for the variables of Grafana. */
  readonly expression: string
}

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard
}

/** All of them. */
export function expressionsIn({ panels }: Dashboard): readonly Drawn[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ panel: title, expression: fill(expr) })),
  )
}

function fill(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1h')
    .replaceAll('$job', 'postern')
    .replaceAll(/\$(?:repository|customer)\b/g, '.*')
}

/** Names of metrics and of recorded rules in an expression. */
export function namesIn(expression: string): readonly string[] {
  const bare = expression.replaceAll(/"[^"]*"/g, '').replaceAll(/\{[^}]*\}/g, '')
  return Array.from(bare.matchAll(/\b(?:\w+:)?(?:postern|nodejs|process)_\w+(?::\w+)?/g), ([name]) => name)
}
