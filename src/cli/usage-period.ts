import type { Command } from 'commander'

export interface PeriodOptions {
  readonly start?: string
  readonly finish?: string
}

export function addPeriodOptions(command: Command): Command {
  return command
    .option('--start <instant>', 'from when on: a date or an instant, UTC')
    .option('--finish <instant>', 'until when: a date (the whole day) or an instant')
}

/** The period as the API takes it. */
export function periodOf({ start, finish }: PeriodOptions): Readonly<Record<string, string>> {
  return { ...(start !== undefined && { start }), ...(finish !== undefined && { finish }) }
}
