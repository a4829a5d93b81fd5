import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCli } from '../../../src/cli.ts'
import { shapesOf } from '../../../src/cli/completion/shape.ts'
import { newFolder, type Folder } from '../folder.ts'
import { createWorld, run } from '../run.ts'

let folder: Folder
const SHELLS = ['bash', 'zsh', 'fish'] as const

beforeAll(async () => {
  folder = await newFolder()
  for (const shell of SHELLS) {
    await folder.put(`script.${shell}`, (await run(['completion', shell])).stdout)
  }
  await folder.put('customers.csv', '')
  await folder.put("it's here.csv", '')
})
afterAll(() => folder[Symbol.asyncDispose]())

/** What a shell offers for the last of the words. */
type Complete = (words: readonly string[]) => readonly string[]

function runShell(shell: string, args: readonly string[]): readonly string[] {
  const text = execFileSync(shell, args, { cwd: folder.path(''), encoding: 'utf8' })
  return text.split('\n').filter((line) => line !== '')
}

const completeInBash: Complete = (words) =>
  runShell('bash', [
    '--norc',
    '-uc',
    'source ./script.bash; COMP_WORDS=(postern "$@"); COMP_CWORD=$#; _postern; printf "%s\\n" "${COMPREPLY[@]}"',
    'bash',
    ...words,
  ])

const completeInFish: Complete = (words) =>
  runShell('fish', [
    '--no-config',
    '-c',
    'source ./script.fish; complete -C "$argv"',
    `postern ${words.map((word) => word.replaceAll(/ /g, '\\ ')).join(' ')}`,
  ]).map((line) => line.split('\t')[0] ?? '')

/** A terminal of zsh's own, and a key that says what stands in the line. */
const ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
tell() { zpty -w shell "$1"; zpty -r shell reply "*$2*"; }
tell 'unsetopt zle_bracketed_paste beep; PS1="" PS2="" RPS1=""; autoload -Uz compinit; compinit -u -D; source ./script.zsh; print re""ady' ready
tell 'show() { print -r -- "<$BUFFER>"; BUFFER="" }; zle -N show; bindkey "^X" show; setopt no_auto_menu no_list_ambiguous; print re""ady' ready
for line in "$@"; do
  zpty -w -n shell "$line"$'\\t'$'\\x18'
  zpty -r shell reply '*<*>*'
  print -r -- "\${\${reply##*<}%%>*}"
done
zpty -d shell
`

/** What zsh makes of lines whose last word it can complete. */
function completeInZsh(lines: readonly string[]): readonly string[] {
  return runShell('zsh', ['-f', '-c', ZSH, 'zsh', ...lines])
}

const COMMANDS: readonly string[] = createCli(createWorld().dependencies)
  .createHelp()
  .visibleCommands(createCli(createWorld().dependencies))
  .map((each) => each.name())

describe.each<[string, Complete]>([
  ['bash', completeInBash],
  ['fish', completeInFish],
])('%s', (shell, complete) => {
  test('offers the commands', () => {
    expect(complete(['']).toSorted()).toEqual(COMMANDS.toSorted())
  })

  test.each<[readonly string[], readonly string[]]>([
    [['tok'], ['tokens']],
    [
      ['tokens', 'e'],
      ['enable', 'export'],
    ],
    [['tokens', 'bulk', '--d'], ['--dry-run']],
    [
      ['tokens', 'export', 'acme/stable', '--format', ''],
      ['csv', 'jsonl'],
    ],
    [['tokens', 'bulk', '--match', 'sec'], ['secret']],
    [
      ['tokens', 'bulk', 'acme/stable', '--action', ''],
      ['create', 'delete', 'disable', 'enable', 'ensure', 'update', 'upsert'],
    ],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['tokens', 'bulk', 'acme/stable', 'cust'], ['customers.csv']],
    [['import', 'htpasswd', '--repository', 'acme/stable', 'cust'], ['customers.csv']],
    [['tokens', 'show', 'acme/stable', 'ex'], []],
    [['tokens', 'create', 'acme/stable', '--name', 'tok'], []],
    [['tokens', 'delete', 'acme/stable', 'list', '--ye'], ['--yes']],
    [['tokens', 'ls', '--act'], ['--active']],
  ])('completes %j', (words, offered) => {
    expect(complete(words).toSorted()).toEqual(offered)
  })

  test('offers every option of every command', () => {
    for (const { path, options } of shapesOf(createCli(createWorld().dependencies))) {
      const words = path === '' ? [] : path.split(' ')
      const long = options.flatMap(({ flags }) => flags.filter((flag) => flag.startsWith('--')))
      expect([shell, path, complete([...words, '--']).toSorted()]).toEqual([shell, path, long.toSorted()])
    }
  }, 60_000)
})

test('bash knows the function, and parts of --option=value', () => {
  const said = runShell('bash', ['--norc', '-uc', 'source ./script.bash; complete -p postern'])
  expect(said).toEqual(['complete -F _postern postern'])
  expect(completeInBash(['tokens', 'export', '--format', '=', 'c'])).toEqual(['csv'])
  expect(completeInBash(['tokens', 'export', '--format', '='])).toEqual(['jsonl', 'csv'])
})

test('bash offers files with odd names whole', () => {
  expect(completeInBash(['tokens', 'bulk', 'acme/stable', 'it'])).toEqual(["it's here.csv"])
})

test('zsh completes commands, options, choices and files', () => {
  const lines: readonly (readonly [string, string])[] = [
    ['postern tok', 'postern tokens '],
    ['postern tokens exp', 'postern tokens export '],
    ['postern tokens bulk --dr', 'postern tokens bulk --dry-run '],
    ['postern tokens export acme/stable --format c', 'postern tokens export acme/stable --format csv '],
    ['postern tokens export --format=c', 'postern tokens export --format=csv '],
    ['postern completion f', 'postern completion fish '],
    ['postern tokens bulk acme/stable cust', 'postern tokens bulk acme/stable customers.csv '],
    ['postern tokens show acme/stable ex', 'postern tokens show acme/stable ex'],
  ]
  expect(completeInZsh(lines.map(([typed]) => typed))).toEqual(lines.map(([, completed]) => completed))
})

test('another shell is refused, and those there are named', async () => {
  const { code, stderr } = await run(['completion', 'tcsh'])
  expect(code).toBe(2)
  expect(stderr).toContain('Allowed choices are bash, zsh, fish.')
})
