/** How the versions of a format are read and ordered. `V` is a version after reading; a bound is read the same way. */
export interface VersionOrder<V> {
  /** What a version of this format is called in messages: `a Debian version`. */
  readonly label: string
  /** undefined: not a version of this format, so that nothing is known about its place in the order. */
  readonly parse: (text: string) => V | undefined
  /** Negative, zero or positive: `version` lies below, level with or above `bound`. */
  readonly compare: (version: V, bound: V) => number
  /** Compiles a glob over the text of a version. */
  readonly glob: (pattern: string) => (version: V) => boolean
  /** Whether it comes before a release; undefined where that can't be told. */
  readonly isPrerelease: (version: V) => boolean | undefined
  /** Of the versions that begin with these dotted numbers, prereleases included, none lies below this one. */
  readonly lowest: (numbers: string) => string
  /** Compiles a whole alternative in the format's own grammar; undefined when that does not fit. It is tried first. */
  readonly alternative?: (terms: string, inDoubt: boolean) => ((version: V) => boolean) | undefined
  /** Compiles `^V` or `~V`; undefined when the term is not understood. Only formats that know these operators have it. */
  readonly near?: (term: string, inDoubt: boolean) => ((version: V) => boolean) | undefined
}

/** Compares two lists place by place; `missing` stands in where one list has ended. */
export function compareEach<T>(
  a: readonly T[],
  b: readonly T[],
  missing: T,
  compare: (a: T, b: T) => number,
): number {
  const length = Math.max(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const sign = compare(a[i] ?? missing, b[i] ?? missing)
    if (sign !== 0) return sign
  }
  return 0
}

/** Compares runs of ASCII digits as numbers of any length. An empty run is zero. */
export function compareDigits(a: string, b: string): number {
  const [x, y] = [withoutZeros(a), withoutZeros(b)]
  return x.length - y.length || compareText(x, y)
}

/** Compares byte by byte; the arguments are ASCII. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/**
 * A version, or a glob over one, without `EPOCH:`. File names carry no epoch, so that a bound with one could not be compared;
 * it is left out on both sides. Some tools keep it in file names, escaped.
 */
export function withoutEpoch(version: string): string {
  return version.replace(/^[0-9]+(?::|%3a)/i, '')
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+/, '')
}
