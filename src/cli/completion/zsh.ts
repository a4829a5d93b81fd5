import { walkCases } from './bash.ts'
import { quote, type CommandShape, type Values } from './shape.ts'

/** A script for zsh: a file `_postern` in its fpath, or `source <(postern completion zsh)` behind compinit. */
export function zshScript(shapes: readonly CommandShape[]): string {
  return `#compdef postern
# Completion of postern for zsh. Put it into your fpath as _postern, or load it behind compinit: source <(postern completion zsh)
_postern() {
  local at='' word option='' flag
  local -i i args=0
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n $option ]]; then option=''; continue; fi
    case "$at $word" in
${walkCases(shapes)}
      *' -'*) ;;
      *) ((++args)) ;;
    esac
  done
  if [[ -z $option && $PREFIX == --*=* ]]; then
    flag="\${PREFIX%%=*}"
    if compset -P '*='; then option="$flag"; fi
  fi
  if [[ -n $option ]]; then
    case "$at $option" in
${optionCases(shapes)}
    esac
    return
  fi
  case "$at" in
${wordCases(shapes)}
  esac
  if [[ $PREFIX == -* ]]; then _describe -o option options; return; fi
  if (( \${#commands} && args == 0 )); then _describe command commands; fi
  case "$at $args" in
${argumentCases(shapes)}
  esac
}
if [[ \${funcstack[1]} == _postern ]]; then _postern "$@"; else compdef _postern postern; fi
`
}

function optionCases(shapes: readonly CommandShape[]): string {
  return shapes
    .flatMap(({ path, options }) =>
      options.flatMap(({ flags, value }) => {
        const known = value === undefined ? undefined : offer(value)
        const patterns = flags.map((flag) => quote(`${path} ${flag}`)).join('|')
        return known === undefined ? [] : [`      ${patterns}) ${known} ;;`]
      }),
    )
    .join('\n')
}

function wordCases(shapes: readonly CommandShape[]): string {
  return shapes
    .map(({ path, commands, options }) => {
      const names = commands.map(({ name, description }) => described(name, description))
      const flags = options.flatMap((option) =>
        option.flags.map((flag) => described(flag, option.description)),
      )
      return `    ${quote(path)})\n      commands=(${names.join(' ')})\n      options=(${flags.join(' ')})\n      ;;`
    })
    .join('\n')
}

/** A colon parts a word from what it does. */
function described(word: string, description: string): string {
  return quote(`${word.replaceAll(':', '\\:')}:${description}`)
}

function argumentCases(shapes: readonly CommandShape[]): string {
  return shapes
    .flatMap(({ path, args }) =>
      args.flatMap((values, index) => {
        const known = offer(values)
        return known === undefined ? [] : [`    ${quote(`${path} ${index}`)}) ${known} ;;`]
      }),
    )
    .join('\n')
}

function offer(values: Values): string | undefined {
  if (values.kind === 'unknown') return undefined
  return values.kind === 'files' ? '_files' : `compadd -- ${values.words.map(quote).join(' ')}`
}
