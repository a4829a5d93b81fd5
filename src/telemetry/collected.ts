import { Counter, Gauge, type Registry } from 'prom-client'

/** How the figures of several processes become one. */
export type Aggregator = 'sum' | 'min' | 'max'

/** A counter whose values are asked for when it is read. */
export function createCounter<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  values: (add: (labels: Record<Label, string>, value: number) => void) => void,
): void {
  const counter = new Counter<Label>({
    name: `postern_${name}`,
    help,
    labelNames,
    registers: [registry],
    collect: () => {
      counter.reset()
      values((labels, value) => counter.inc(labels, value))
    },
  })
}

/** A gauge without labels whose value is asked for when it is read. */
export function createGauge(
  registry: Registry,
  name: string,
  help: string,
  value: () => number,
  aggregator: Aggregator = 'sum',
): void {
  createLabelledGauge(registry, name, help, [], aggregator, (set) => set({}, value()))
}

/** A gauge whose series are asked for when it is read; `aggregator`: what becomes of them over several processes. */
export function createLabelledGauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  aggregator: Aggregator,
  values: (set: (labels: Record<Label, string>, value: number) => void) => void,
): void {
  const gauge = new Gauge<Label>({
    name: `postern_${name}`,
    help,
    labelNames,
    aggregator,
    registers: [registry],
    collect: () => {
      gauge.reset()
      values((labels, value) => gauge.set(labels, value))
    },
  })
}
