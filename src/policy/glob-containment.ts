/**
 * True only when `wider` matches every text that `narrower` matches, both as compileGlob reads them and without a slash in them. Always true
 * then, unless there is a `?` in `wider`: it is not seen that `?*` contains `*a`. Takes at most length × length steps.
 */
export function containsGlob(wider: string, narrower: string): boolean {
  const [wide, narrow] = [normalise(wider), normalise(narrower)]
  let [at, next] = [0, 0]
  // Where the last star of `wide` is, and up to where it stands for `narrow`.
  let [star, swallowed] = [-1, 0]
  while (next < narrow.length) {
    if (wide[at] === '*') {
      ;[star, swallowed] = [at++, next]
    } else if (stepContains(wide[at], narrow[next])) {
      at++
      next++
    } else if (star !== -1) {
      ;[at, next] = [star + 1, ++swallowed]
    } else {
      return false
    }
  }
  return at === wide.length || (at === wide.length - 1 && wide[at] === '*')
}

/** Only a star, which was looked at before, stands for a star. */
function stepContains(wide: string | undefined, narrow: string | undefined): boolean {
  return narrow !== '*' && (wide === '?' || wide === narrow)
}

/** Writes each run of wildcards in one way: so many `?`, and one `*` behind them if there was one. */
function normalise(glob: string): string {
  return glob.replaceAll(/[*?]*\*[*?]*/g, (run) => `${run.replaceAll('*', '')}*`)
}
