/** What is known of a statement: it holds, it does not, or (undefined) nothing can be told. */
export type Truth = boolean | undefined

/** A statement about something. */
export type Judge<Subject> = (subject: Subject) => Truth

/** Holds where `judge` does not; where nothing can be told, it says nothing either. */
export function not<Subject>(judge: Judge<Subject>): Judge<Subject> {
  return (subject) => {
    const truth = judge(subject)
    return truth === undefined ? undefined : !truth
  }
}

/** Fails where one of `judges` fails, holds where all hold. */
export function all<Subject>(judges: readonly Judge<Subject>[]): Judge<Subject> {
  return combine(judges, false)
}

/** Holds where one of `judges` holds, fails where all fail. */
export function any<Subject>(judges: readonly Judge<Subject>[]): Judge<Subject> {
  return combine(judges, true)
}

/** Says what both say where they agree; where they do not, nothing. For what can be read in two ways. */
export function both<Subject>(one: Judge<Subject>, other: Judge<Subject>): Judge<Subject> {
  return (subject) => {
    const truth = one(subject)
    return truth === other(subject) ? truth : undefined
  }
}

/** The tables of Kleene's strong logic: one `decisive` answer settles it, whatever the others can't tell. */
function combine<Subject>(judges: readonly Judge<Subject>[], decisive: boolean): Judge<Subject> {
  return (subject) => {
    let truth: Truth = !decisive
    for (const judge of judges) {
      const each = judge(subject)
      if (each === decisive) return decisive
      if (each === undefined) truth = undefined
    }
    return truth
  }
}
