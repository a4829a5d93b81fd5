import { readFileSync } from 'node:fs'
import type { SetupFormat } from '../../request/setup-page.ts'
import { quoteForShell } from '../../text/shell.ts'

/** What a script is about. */
export interface ScriptFacts {
  readonly owner: string
  readonly repo: string
  /** Where the client reaches the repository, with a slash at its end; with the secret where that is in the path. */
  readonly baseUrl: string
  /** Where the client sends it as a password; undefined where it is in the path, or none is needed. */
  readonly secret: string | undefined
  /** What the file of the public key has to be called on the machine; apk looks for it by this name. */
  readonly keyName: string
}

/**
 * The script that sets a machine up, for POSIX shells. All of it stands in a function that the last line calls: of a script that was cut off
 * on its way into a shell nothing runs. Whatever is in the facts, the shell takes for text.
 */
export function writeScript(format: SetupFormat, facts: ScriptFacts): string {
  const variables = Object.entries(variablesOf(facts)).map(
    ([name, value]) => `${name}=${quoteForShell(value)}\n`,
  )
  return [HEAD, 'set_up() {\n', ...variables, COMMON, OWN[format], '}\nset_up "$@"\n'].join('')
}

/** What the client's files for a repository are called: `acme-stable`. apt reads no file with other characters in its name. */
export function fileNameOf(owner: string, repo: string): string {
  return `${owner}-${repo}`.replaceAll(/[^A-Za-z0-9._-]/g, '_').replace(/^[.-]/, '_')
}

function variablesOf({ owner, repo, baseUrl, secret = '', keyName }: ScriptFacts): Record<string, string> {
  return {
    place: `${owner}/${repo}`,
    name: fileNameOf(owner, repo),
    base: baseUrl.replaceAll(UNSAFE_IN_URL, (each) => encodeURIComponent(each)),
    login: secret === '' ? '' : quoteForCurl(`token:${secret}`),
    secret,
    key_name: keyName.replaceAll(/[^A-Za-z0-9@._+-]/g, '_').replace(/^[.-]/, '_'),
  }
}

const UNSAFE_IN_URL = /[^A-Za-z0-9:/._~@[\]%-]/gu

/** As curl reads what stands between quotes in its configuration. */
function quoteForCurl(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' }
  return text.replaceAll(/[\\"]/g, '\\$&').replaceAll(/[\n\r\t\v]/g, (each) => escapes[each] ?? '')
}

const HEAD = `#!/bin/sh
# Sets this machine up for a repository of packages: its key, where it is, and how to log in. With -h it tells its options.
`

const COMMON = read('common')
const OWN: Readonly<Record<SetupFormat, string>> = {
  deb: read('deb'),
  rpm: read('rpm'),
  alpine: read('alpine'),
}

function read(name: string): string {
  return readFileSync(new URL(`scripts/${name}.sh`, import.meta.url), 'utf8')
}
