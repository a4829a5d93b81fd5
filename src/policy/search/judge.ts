import { compilePattern, fold } from '../query/pattern.ts'
import { stateOf, type TokenFacts, type UsageFacts } from './facts.ts'
import { pairKey } from './metadata.ts'
import type { Figure, TokenFilter, TokenTerm } from './filter.ts'

/** What is known of a token that a search judges. */
export interface SearchSubject {
  readonly facts: TokenFacts
  readonly usage: UsageFacts
  /** `pairKey` of each pair; empty where no term asks for metadata. */
  readonly metadata: ReadonlySet<string>
}

type Test = (subject: SearchSubject) => boolean

/** Makes a filter ready to judge tokens at `now` (epoch ms). Pure. A pattern that can't be read matches nothing. */
export function compileFilter(filter: TokenFilter, now: number): Test {
  switch (filter.kind) {
    case 'and': {
      const tests = filter.parts.map((part) => compileFilter(part, now))
      return (subject) => tests.every((test) => test(subject))
    }
    case 'or': {
      const tests = filter.parts.map((part) => compileFilter(part, now))
      return (subject) => tests.some((test) => test(subject))
    }
    case 'not': {
      const test = compileFilter(filter.part, now)
      return (subject) => !test(subject)
    }
    default:
      return compileTerm(filter, now)
  }
}

function compileTerm(term: TokenTerm, now: number): Test {
  switch (term.kind) {
    case 'name':
      return nameTest(term.pattern)
    case 'word': {
      const matches = nameTest(term.pattern)
      return (subject) => subject.facts.slugPerm === term.pattern || matches(subject)
    }
    case 'identifier':
      return ({ facts }) => facts.slugPerm === term.slugPerm
    case 'repository':
      return ({ facts }) => facts.repo === term.repo
    case 'active':
      return ({ facts }) => facts.isActive === term.isActive
    case 'state':
      return ({ facts, usage }) => stateOf(facts, usage, now) === term.state
    case 'figure':
      return (subject) => {
        const figure = readFigure(term.figure, subject)
        return figure !== null && figure >= term.least && figure <= term.most
      }
    case 'absent':
      return (subject) => readFigure(term.figure, subject) === null
    case 'metadata': {
      const wanted = pairKey(term.path, term.value)
      return ({ metadata }) => metadata.has(wanted)
    }
  }
}

function nameTest(pattern: string): Test {
  const compiled = compilePattern(pattern)
  return typeof compiled === 'string' ? () => false : ({ facts }) => compiled.matches(fold(facts.name))
}

function readFigure(figure: Figure, { facts, usage }: SearchSubject): number | null {
  switch (figure) {
    case 'downloads':
      return usage.downloads
    case 'clients':
      return usage.clients
    case 'bandwidth_usage':
      return usage.bytes
    case 'bandwidth_limit':
      return facts.limitBytes
    case 'created':
      return facts.createdAt
    case 'expires':
      return facts.window.until
    case 'last_used':
      return usage.lastUsedAt
    case 'last_reset':
      return usage.resetAt
    case 'limit_date_from':
      return facts.validFrom
    case 'limit_date_to':
      return facts.validUntil
  }
}
