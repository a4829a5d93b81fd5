import { expect, test } from 'vitest'
import { expressionsIn, readDashboard } from './dashboard.ts'

/** The dashboard by itself; scrape.test.ts asks a real Prometheus for what it draws. */

const dashboard = readDashboard()

test('has no two panels of one id, and each in its place', () => {
  const { panels } = dashboard as unknown as {
    panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[]
  }
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const taken = new Set<string>()
  for (const { id, gridPos } of panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect([id, taken.has(`${x} ${y}`)]).toEqual([id, false])
        taken.add(`${x} ${y}`)
      }
  }
})

test('takes its Prometheus from whoever imports it', () => {
  const text = JSON.stringify(dashboard)
  expect(text).not.toMatch(/"uid":"(?!postern"|\$\{datasource\}")/)
  expect(dashboard.templating.list.map(({ type }) => type)).toContain('datasource')
})

test('leaves no variable of Grafana in what Prometheus is asked', () => {
  for (const { panel, expression } of expressionsIn(dashboard))
    expect([panel, expression.includes('$')]).toEqual([panel, false])
})
