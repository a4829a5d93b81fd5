import type { CommandShape, Values } from './shape.ts'

/** A script for fish: `postern completion fish | source`, or a file in its completions folder. */
export function fishScript(shapes: readonly CommandShape[]): string {
  return `# Completion of postern for fish. Load it: postern completion fish | source
function __postern_state
    set -l at ''
    set -l args 0
    set -l taken ''
    for word in (commandline -opc)[2..]
        if test -n "$taken"
            set taken ''
            continue
        end
        switch "$at $word"
${walkCases(shapes)}
            case '* -*'
            case '*'
                set args (math $args + 1)
        end
    end
    echo "$at|$args"
end
function __postern_in
    set -l state (string split '|' -- (__postern_state))
    test "$state[1]" = "$argv[1]"; or return 1
    test (count $argv) -lt 2; or test "$state[2]" = "$argv[2]"
end
complete -c postern -f
${shapes.flatMap(completionsOf).join('\n')}
`
}

function walkCases(shapes: readonly CommandShape[]): string {
  const steps = shapes.flatMap(({ path, commands }) =>
    commands.flatMap(({ name, aliases }) => {
      if (name === 'help') return []
      const patterns = [name, ...aliases].map((word) => quote(`${path} ${word}`))
      const next = path === '' ? name : `${path} ${name}`
      return [
        `            case ${patterns.join(' ')}\n                set at ${quote(next)}\n                set args 0`,
      ]
    }),
  )
  const valued = shapes.flatMap(({ path, options }) => {
    const flags = options.flatMap(({ flags: each, value }) => (value === undefined ? [] : each))
    const patterns = flags.map((flag) => quote(`${path} ${flag}`)).join(' ')
    return flags.length === 0 ? [] : [`            case ${patterns}\n                set taken yes`]
  })
  return [...steps, ...valued].join('\n')
}

function completionsOf({ path, commands, options, args }: CommandShape): string[] {
  const when = (place?: number): string =>
    `complete -c postern -n ${quote(`__postern_in ${quote(path)}${place === undefined ? '' : ` ${place}`}`)}`
  return [
    ...commands.map(({ name, description }) => `${when(0)} -a ${name} -d ${quote(description)}`),
    ...options.map(({ flags, description, value }) => {
      const names = flags.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      )
      return `${when()} ${names.join(' ')}${value === undefined ? '' : ` ${behind(value)}`} -d ${quote(description)}`
    }),
    ...args.flatMap((values, index) => (values.kind === 'unknown' ? [] : [`${when(index)} ${here(values)}`])),
  ]
}

/** The value of an option. */
function behind(values: Values): string {
  if (values.kind === 'files') return '-r -F'
  return values.kind === 'words' ? `-x -a ${quote(values.words.join(' '))}` : '-x'
}

function here(values: Values): string {
  return values.kind === 'words' ? `-a ${quote(values.words.join(' '))}` : '-F'
}

/** In single quotes fish knows two escapes. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}
