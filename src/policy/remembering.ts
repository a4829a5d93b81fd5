/**
 * The same function, which remembers what it made of the last inputs; equal ones get the same result. When it remembers `most`, it forgets
 * all of them. For pure functions only.
 */
export function remembering<Input extends string | readonly string[], Made>(
  make: (input: Input) => Made,
  most: number,
): (input: Input) => Made {
  const made = new Map<string, Made>()
  return (input) => {
    const key = JSON.stringify(input)
    const known = made.get(key)
    if (known !== undefined) return known
    const fresh = make(input)
    if (made.size >= most) made.clear()
    made.set(key, fresh)
    return fresh
  }
}
