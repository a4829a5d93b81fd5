import { nugetOrder } from '../../policy/versions/nuget.ts'
import type { Finding } from './contract.ts'

const ID = /^[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*$/
const LONGEST_ID = 100

/** What is said of a package, or of one of its versions; undefined for what is no name, or no version. */
export function describeNuget(id: string, written?: string): Finding | undefined {
  if (id.length > LONGEST_ID || !ID.test(id)) return undefined
  const name = id.toLowerCase()
  if (written === undefined) return { kind: 'metadata', name }
  const version = nugetOrder.parse(written)?.text
  return version === undefined ? undefined : { kind: 'metadata', name, version }
}
