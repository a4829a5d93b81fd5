import { quote, type CommandShape, type Values } from './shape.ts'

/** A script for bash 4 and later: `source <(postern completion bash)`. */
export function bashScript(shapes: readonly CommandShape[]): string {
  return `# Completion of postern for bash. Load it: source <(postern completion bash)
_postern() {
  local current="\${COMP_WORDS[COMP_CWORD]}" at='' word i args=0 option='' commands='' options=''
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # bash parts --option=value into three words.
    if [[ $word == '=' ]]; then continue; fi
    if [[ -n $option ]]; then option=''; continue; fi
    case "$at $word" in
${walkCases(shapes)}
      *' -'*) ;;
      *) ((++args)) ;;
    esac
  done
  if [[ $current == '=' ]]; then current=''; fi
  if [[ -n $option ]]; then
    case "$at $option" in
${optionCases(shapes)}
    esac
    return
  fi
  case "$at" in
${wordCases(shapes)}
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    return
  fi
  if [[ -n $commands && $args -eq 0 ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
  fi
  case "$at $args" in
${argumentCases(shapes)}
  esac
}
complete -F _postern postern
`
}

/** How words lead from command to command, and which of them take the next word for themselves. */
export function walkCases(shapes: readonly CommandShape[]): string {
  const steps = shapes.flatMap(({ path, commands }) =>
    commands.flatMap(({ name, aliases }) => {
      if (name === 'help') return []
      const patterns = [name, ...aliases].map((word) => quote(`${path} ${word}`))
      const next = path === '' ? name : `${path} ${name}`
      return [`      ${patterns.join('|')}) at=${quote(next)}; args=0 ;;`]
    }),
  )
  const valued = shapes.flatMap(({ path, options }) => {
    const flags = options.flatMap(({ flags: each, value }) => (value === undefined ? [] : each))
    const patterns = flags.map((flag) => quote(`${path} ${flag}`))
    return patterns.length === 0 ? [] : [`      ${patterns.join('|')}) option="$word" ;;`]
  })
  return [...steps, ...valued].join('\n')
}

function optionCases(shapes: readonly CommandShape[]): string {
  return shapes
    .flatMap(({ path, options }) =>
      options.flatMap(({ flags, value }) => {
        const known = value === undefined ? undefined : reply(value)
        return known === undefined
          ? []
          : [`      ${flags.map((flag) => quote(`${path} ${flag}`)).join('|')}) ${known} ;;`]
      }),
    )
    .join('\n')
}

function wordCases(shapes: readonly CommandShape[]): string {
  return shapes
    .map(({ path, commands, options }) => {
      const names = commands.map(({ name }) => name).join(' ')
      const flags = options.flatMap((option) => option.flags).join(' ')
      return `    ${quote(path)}) commands=${quote(names)}; options=${quote(flags)} ;;`
    })
    .join('\n')
}

function argumentCases(shapes: readonly CommandShape[]): string {
  return shapes
    .flatMap(({ path, args }) =>
      args.flatMap((values, index) => {
        const known = reply(values)
        return known === undefined ? [] : [`    ${quote(`${path} ${index}`)}) ${known} ;;`]
      }),
    )
    .join('\n')
}

function reply(values: Values): string | undefined {
  if (values.kind === 'unknown') return undefined
  const source = values.kind === 'files' ? '-f' : `-W ${quote(values.words.join(' '))}`
  const files = values.kind === 'files' ? 'compopt -o filenames 2>/dev/null; ' : ''
  return `${files}mapfile -t COMPREPLY < <(compgen ${source} -- "$current")`
}
