import type { CliContext } from './dependencies.ts'
import { refused, unusable } from './errors.ts'

/** Asks before something is done that can't be undone. @throws CliError unless the answer is yes. */
export async function confirm(
  { ask }: CliContext,
  { yes }: { readonly yes?: true },
  question: string,
): Promise<void> {
  if (yes) return
  if (ask === undefined) throw unusable('This needs --yes where nobody can be asked.')
  const answer = await ask(`${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) throw refused('Nothing was changed.')
}
