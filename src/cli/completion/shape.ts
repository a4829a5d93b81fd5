import type { Argument, Command, Option } from 'commander'

/** What can stand behind an option or as an argument. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  /** Nothing that a shell could know. */
  | { readonly kind: 'unknown' }

interface OptionShape {
  /** `--format`, and `-f` if there is one. */
  readonly flags: readonly string[]
  readonly description: string
  /** undefined: none. */
  readonly value: Values | undefined
}

export interface CommandShape {
  /** The words that lead to it, with single spaces; "" for the program itself. */
  readonly path: string
  readonly description: string
  readonly commands: readonly {
    readonly name: string
    readonly aliases: readonly string[]
    readonly description: string
  }[]
  readonly options: readonly OptionShape[]
  readonly args: readonly Values[]
}

const FILE = /\b(?:file|folder)\b/

/** Every command of the program, those above before those below. */
export function shapesOf(command: Command, path: readonly string[] = []): CommandShape[] {
  const help = command.createHelp()
  const commands = help.visibleCommands(command)
  const shape = {
    path: path.join(' '),
    description: command.description(),
    commands: commands.map((each) => ({
      name: each.name(),
      aliases: each.aliases(),
      description: each.description(),
    })),
    options: help.visibleOptions(command).map(optionShape),
    args: command.registeredArguments.map(argumentValues),
  }
  const below = commands.flatMap((each) =>
    each.name() === 'help' ? [] : shapesOf(each, [...path, each.name()]),
  )
  return [shape, ...below]
}

function optionShape(option: Option): OptionShape {
  const { short, long, description, argChoices, flags } = option
  const takesValue = option.required || option.optional
  return {
    flags: [long, short].flatMap((flag) => flag ?? []),
    description,
    value: takesValue ? valuesOf(argChoices, flags) : undefined,
  }
}

function argumentValues(argument: Argument): Values {
  return valuesOf(argument.argChoices, argument.name())
}

function valuesOf(choices: readonly string[] | undefined, name: string): Values {
  if (choices !== undefined) return { kind: 'words', words: choices }
  return FILE.test(name) ? { kind: 'files' } : { kind: 'unknown' }
}

/** The text in single quotes, as POSIX shells, zsh and bash read it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
