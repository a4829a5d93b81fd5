import type { TokenRecord } from './types.ts'

/** What customers of a repository have to accept before they get anything of it. */
export interface Eula {
  /** Counts up: whoever accepted an earlier one is asked again. */
  readonly revision: number
  /** Of every token; else only of those that say so. */
  readonly isForAll: boolean
}

/** Whether a token opens nothing of the repository `place` (`owner/repo`) until `eula` is accepted. */
export function lacksAcceptance(
  token: Pick<TokenRecord, 'eulaRequired' | 'eulaAccepted'>,
  place: string,
  eula: Eula | undefined,
): boolean {
  if (eula === undefined || !(eula.isForAll || token.eulaRequired)) return false
  const accepted = token.eulaAccepted[place]
  return accepted === undefined || accepted.revision < eula.revision
}
