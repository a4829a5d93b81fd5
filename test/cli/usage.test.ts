import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createCli } from '../../src/cli.ts'
import { createWorld, run } from './run.ts'

/** Every command there is, as the words that name it. */
function wordsOf(command: Command, before: readonly string[] = []): string[][] {
  return command.commands.flatMap((each) => {
    const words = [...before, each.name()]
    return [words, ...wordsOf(each, words)]
  })
}

const COMMANDS = wordsOf(createCli(createWorld().dependencies))

test('the help names the commands, the environment and the exit codes', async () => {
  const { code, stdout, stderr } = await run(['--help'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe(`Usage: postern [options] [command]

Entitlement tokens in front of the package storage you already have.

Options:
  --version                  print the version
  -h, --help                 print this help

Commands:
  serve                      Run the gate and its management API until SIGTERM
                             or SIGINT. SIGHUP reads the file again.
  check-config [file]        Check a configuration file: print all its mistakes,
                             or what it serves.
  tokens                     Make, list, change and delete entitlement tokens,
                             over the management API.
  import                     Bring the tokens of another program along, with
                             their secrets.
  usage <owner[/repo]> [id]  Show what was used, by whom and when, over the
                             management API.
  explain <secret> [path]    Say what the gate would do with a request, step by
                             step. Nothing is charged.
  keys                       Make, list, change and revoke keys of the
                             management API, over the management API.
  cache                      Forget small files that the gate keeps in memory,
                             over the management API.
  audit [place]              List who changed what, newest first, over the
                             management API.
  webhooks                   Make, list, change and delete webhooks, and see
                             what was sent, over the management API.
  backup <file>              Write all that is in the store to a file, or check
                             such a file.
  restore <file>             Fill a store from a backup.
  completion <shell>         Print a script that completes commands and options
                             in your shell.
  version                    Print the version.
  help [command]             Print the help of a command.

Environment:
  POSTERN_CONFIG     the configuration file
  POSTERN_API        URL of the management API (default: http://127.0.0.1:8081)
  POSTERN_API_KEY    the key that is sent to it

Exit codes:
  0  done, or allowed
  1  no: refused, not found, not confirmed, or mistakes in the file
  2  no answer: wrong usage, or the management API can't be asked

Examples:
  postern serve --config /etc/postern/postern.yaml
  postern tokens create acme/stable --name "Example Ltd"
  postern explain SECRET acme/stable/dists/stable/InRelease
  postern backup /var/backups/postern.jsonl.gz --config /etc/postern/postern.yaml

`)
})

test('the help of tokens create has every option and examples', async () => {
  const { stdout } = await run(['tokens', 'create', '--help'])
  const flags = Array.from(stdout.matchAll(/^ {2}(?:-., )?(--[a-z-]+)/gm), ([, flag]) => flag)
  expect(flags).toEqual([
    '--name',
    '--token',
    '--valid-from',
    '--valid-until',
    '--max-downloads',
    '--max-clients',
    '--clients-window',
    '--max-bandwidth',
    '--max-rate',
    '--max-concurrency',
    '--reset-period',
    '--reset-from',
    '--networks',
    '--published-until',
    '--starts-on-first-download',
    '--packages',
    '--package-query',
    '--path-query',
    '--repositories',
    '--eula-required',
    '--metadata',
    '--disabled',
    '--json',
    '--api',
    '--api-key',
    '--help',
  ])
  expect(stdout).toContain('\nExamples:\n  postern tokens create acme/stable --name "Example Ltd"')
})

test('the commands are these', () => {
  expect(COMMANDS.map((words) => words.join(' '))).toEqual([
    'serve',
    'check-config',
    'tokens',
    'tokens create',
    'tokens list',
    'tokens show',
    'tokens setup',
    'tokens update',
    'tokens enable',
    'tokens disable',
    'tokens reset',
    'tokens refresh',
    'tokens delete',
    'tokens sync',
    'tokens bulk',
    'tokens export',
    'import',
    'import cloudsmith',
    'import packagecloud',
    'import htpasswd',
    'usage',
    'usage clients',
    'usage packages',
    'usage who',
    'usage log',
    'usage export',
    'explain',
    'keys',
    'keys create',
    'keys list',
    'keys show',
    'keys update',
    'keys rotate',
    'keys revoke',
    'cache',
    'cache purge',
    'audit',
    'webhooks',
    'webhooks list',
    'webhooks show',
    'webhooks create',
    'webhooks update',
    'webhooks delete',
    'webhooks ping',
    'webhooks deliveries',
    'webhooks resend',
    'backup',
    'restore',
    'completion',
    'version',
  ])
})

test.each(COMMANDS.map((words) => [words]))(
  '%j has a help that fits 80 columns, but for examples',
  async (words) => {
    const { code, stdout } = await run([...words, '--help'])
    expect(code).toBe(0)
    const [before = ''] = stdout.split('\nExamples:')
    expect(before.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(stdout).toMatch(/^[\n -~]*$/)
  },
)

test('the version is printed both ways', async () => {
  for (const args of [['version'], ['--version']]) {
    expect(await run(args)).toMatchObject({ code: 0, stdout: 'postern 1.2.3\n', stderr: '' })
  }
})

test.each([
  [['tokens', 'creat', 'acme/stable'], "error: unknown command 'creat'\n(Did you mean create?)\n"],
  [
    ['tokens', 'list', 'acme/stable', '--qery', 'x'],
    "error: unknown option '--qery'\n(Did you mean --query?)\n",
  ],
  [['tokens', 'create', 'acme/stable'], "error: required option '--name <text>' not specified\n"],
  [['tokens', 'show', 'acme/stable'], "error: missing required argument 'id'\n"],
  [['tokens', 'list', '-acme'], "error: unknown option '-acme'\n"],
  [
    ['tokens', 'list', 'acme*'],
    "error: command-argument value 'acme*' is invalid for argument 'owner[/repo]'. It must be an owner, like acme, or owner/repo, like acme/stable.\n",
  ],
  [
    ['tokens', 'list', 'acme/stable', '--sort', 'size'],
    "error: option '--sort <order>' argument 'size' is invalid. Allowed choices are name, created, expires, downloads, last_used, -name, -created, -expires, -downloads, -last_used.\n",
  ],
  [
    ['tokens', 'list', 'acme/'],
    "error: command-argument value 'acme/' is invalid for argument 'owner[/repo]'. It must be owner/repo, like acme/stable.\n",
  ],
  [
    ['tokens', 'create', 'acme/stable', '--name', 'x', '--max-downloads', '1.5'],
    "error: option '--max-downloads <count>' argument '1.5' is invalid. It must be a whole number.\n",
  ],
  [
    ['tokens', 'create', 'acme/stable', '--name', 'x', '--metadata', '[1]'],
    `error: option '--metadata <json>' argument '[1]' is invalid. It must be a JSON object, like '{"licence": "A-17"}'.\n`,
  ],
  [
    ['tokens', 'list', 'acme/stable', '--page', '0'],
    "error: option '--page <number>' argument '0' is invalid. It must be a whole number from 1.\n",
  ],
  [
    ['tokens', 'update', 'acme/stable', 'x', '--enabled', '--disabled'],
    "error: option '--disabled' cannot be used with option '--enabled'\n",
  ],
  [
    ['explain', 'x', 'y', '--method', 'POST'],
    "error: option '--method <method>' argument 'POST' is invalid. Allowed choices are GET, HEAD.\n",
  ],
])('%j is wrong usage', async (args, expected) => {
  const { code, stdout, stderr } = await run(args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toBe(`${expected}(--help says more)\n`)
})

test.each([[[]], [['tokens']]])('%j alone prints the help and is wrong usage', async (args) => {
  const { code, stderr } = await run(args)
  expect(code).toBe(2)
  expect(stderr).toMatch(/^Usage: postern /)
})
