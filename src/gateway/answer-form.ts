import { COMMON_FORM, REGISTRY_FORM, type AnswerForm } from '../policy/refusal.ts'
import type { Judgement } from './authorize.ts'

/**
 * How a refusal has to look; undefined: as everywhere. `rawTarget` says no more than whether a shell may be waiting for the answer: also
 * when it can't be read otherwise, or nobody got so far.
 */
export function answerForm(
  judgement: Judgement | undefined,
  rawTarget: string,
  accept: string | undefined,
): AnswerForm | undefined {
  if (judgement?.target?.entrance === 'v2') return REGISTRY_FORM
  const form = judgement?.served?.rules.answers
  return SCRIPT.test(rawTarget) && !NO_SHELL.test(accept ?? '')
    ? { ...(form ?? COMMON_FORM), body: 'shell' }
    : form
}

/** What people pipe into a shell. */
const SCRIPT = /\.sh(?:\?|$)/
/** Browsers, and programs that read a document. */
const NO_SHELL = /json|text\/html/i

/** Whether the client can still offer credentials. */
export function canBeChallenged(judgement: Judgement | undefined): boolean {
  const entrance = judgement?.target?.entrance
  return entrance === 'basic' || entrance === 'v2'
}
