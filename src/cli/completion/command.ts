import { Argument, type Command } from 'commander'
import type { CliContext } from '../dependencies.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { shapesOf, type CommandShape } from './shape.ts'
import { zshScript } from './zsh.ts'

const SCRIPTS: Readonly<Record<string, (shapes: readonly CommandShape[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

/** `postern completion`: a script that lets a shell complete commands, options and their values. */
export function addCompletionCommand(program: Command, { stdout }: CliContext): void {
  program
    .command('completion')
    .description('Print a script that completes commands and options in your shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      `
Examples:
  source <(postern completion bash)                        # in ~/.bashrc
  source <(postern completion zsh)                         # in ~/.zshrc, behind compinit
  postern completion fish > ~/.config/fish/completions/postern.fish
`,
    )
    .action((shell: string) => stdout.write(SCRIPTS[shell]?.(shapesOf(program)) ?? ''))
}
