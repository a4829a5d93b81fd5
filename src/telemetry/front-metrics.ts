import type { Registry } from 'prom-client'
import { createGauge, createLabelledGauge } from './collected.ts'

/** What the listeners of a process tell. */
export interface FrontFigures {
  readonly connections: number
  readonly certificates: readonly CertificateFigure[]
}

export interface CertificateFigure {
  readonly label: string
  /** Epoch ms. */
  readonly notAfter: number
  readonly isStale: boolean
}

const EXPIRY_HELP = 'When the certificate in use expires, in seconds since 1970.'
const STALE_HELP = '1 while the files of a certificate hold another one that can not be used, else 0.'

/** Certificates are called by the first name that they are for. Of several with one name, and of several processes, the worst counts. */
export function registerFront(registry: Registry, figures: () => FrontFigures): void {
  const open = 'Connections of customers that are open at the moment.'
  createGauge(registry, 'connections_open', open, () => figures().connections)
  createLabelledGauge(
    registry,
    'tls_certificate_expiry_timestamp_seconds',
    EXPIRY_HELP,
    ['certificate'],
    'min',
    (set) => {
      // What is set last stays.
      const latestFirst = figures().certificates.toSorted((one, other) => other.notAfter - one.notAfter)
      for (const { label, notAfter } of latestFirst) set({ certificate: label }, Math.floor(notAfter / 1000))
    },
  )
  createLabelledGauge(registry, 'tls_certificate_stale', STALE_HELP, ['certificate'], 'max', (set) => {
    const { certificates } = figures()
    for (const { label } of certificates) {
      const isStale = certificates.some((each) => each.label === label && each.isStale)
      set({ certificate: label }, isStale ? 1 : 0)
    }
  })
}
