import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { admit, conclude, type Ledger } from '../../src/policy/ledger.ts'

const DOCUMENT = readFileSync(new URL('../../docs/accounting.md', import.meta.url), 'utf8')
const MB = 1_000_000
const SIZE = 100 * MB

/** One client's deliveries of one file of 100 MB, and what they cost. */
interface Customer {
  readonly begin: (id: string, start?: number, end?: number) => void
  readonly end: (id: string, sent: number) => void
  /** One delivery from `start` to `end` that breaks after `sent` bytes, if it does. */
  readonly fetch: (start?: number, end?: number, sent?: number) => void
  readonly downloads: () => number
}

function createCustomer(): Customer {
  let ledger: Ledger | undefined
  let downloads = 0
  let fetched = 0
  const begin = (id: string, start = 0, end = SIZE): void => {
    const admitted = admit(ledger, { id, size: SIZE, start, end, now: 1_000 }, () => true)
    ledger = admitted.ledger
    downloads += admitted.cost
  }
  const end = (id: string, sent: number): void => {
    if (ledger === undefined) return
    const concluded = conclude(ledger, id, sent)
    ledger = concluded.ledger
    downloads -= concluded.refund
  }
  return {
    begin,
    end,
    fetch: (start = 0, stop = SIZE, sent = stop - start) => {
      const id = `fetched-${(fetched += 1)}`
      begin(id, start, stop)
      end(id, sent)
    },
    downloads: () => downloads,
  }
}

const EXAMPLES: Readonly<Record<string, (customer: Customer) => void>> = {
  'fetched once': ({ fetch }) => fetch(),
  'cut at 60 MB, then the rest with `Range: bytes=60000000-`': ({ fetch }) => {
    fetch(0, SIZE, 60 * MB)
    fetch(60 * MB)
  },
  'cut at 60 MB, then fetched again from the beginning': ({ fetch }) => {
    fetch(0, SIZE, 60 * MB)
    fetch()
  },
  'four ranges of 25 MB, at the same time': ({ begin, end }) => {
    for (const part of [0, 1, 2, 3]) begin(`part-${part}`, part * 25 * MB, (part + 1) * 25 * MB)
    for (const part of [0, 1, 2, 3]) end(`part-${part}`, 25 * MB)
  },
  'fetched twice, one after the other': ({ fetch }) => {
    fetch()
    fetch()
  },
  'fetched twice, at the same time': ({ begin, end }) => {
    begin('one')
    begin('two')
    end('one', SIZE)
    end('two', SIZE)
  },
  'fetched twice at the same time, one of them cut at 10 MB': ({ begin, end }) => {
    begin('one')
    begin('two')
    end('one', 10 * MB)
    end('two', SIZE)
  },
  'cut at 90 MB, four times over': ({ fetch }) => {
    for (let i = 0; i < 4; i++) fetch(0, SIZE, 90 * MB)
  },
  'cut at 90 MB twice, then fetched once in full': ({ fetch }) => {
    for (let i = 0; i < 2; i++) fetch(0, SIZE, 90 * MB)
    fetch()
  },
  'the first 90 MB with a range, four times over': ({ fetch }) => {
    for (let i = 0; i < 4; i++) fetch(0, 90 * MB)
  },
  'the last 64 KiB with a range': ({ fetch }) => fetch(SIZE - 65_536),
  'the last 64 KiB with a range, then the whole file': ({ fetch }) => {
    fetch(SIZE - 65_536)
    fetch()
  },
}

test.each(Object.entries(EXAMPLES))('docs/accounting.md is right about: %s', (what, play) => {
  const customer = createCustomer()
  play(customer)
  const row = DOCUMENT.split('\n').find((line) => line.startsWith(`| ${what} `))
  expect(row?.split('|').map((cell) => cell.trim())).toEqual(['', what, String(customer.downloads()), ''])
})

test('docs/accounting.md has no example that is not run', () => {
  const table = DOCUMENT.split('| what happens within the hour')[1]?.split('\n\n')[0] ?? ''
  expect(table.split('\n').slice(2)).toHaveLength(Object.keys(EXAMPLES).length)
})
