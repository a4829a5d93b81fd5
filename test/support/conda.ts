import { createRequire } from 'node:module'
import { run } from './processes.ts'

/** A package that a solver chose. */
interface Chosen {
  readonly packageName: string
  readonly version: string
  readonly url: string
}

/** What came of solving: packages, or what the client printed. */
export interface Solved {
  readonly packages: readonly Chosen[]
  readonly error: string | undefined
}

const LIBRARY = createRequire(import.meta.url).resolve('@conda-org/rattler')
const SCRIPT = `
  const { simpleSolve } = require(process.argv[1])
  simpleSolve(process.argv.slice(3), [process.argv[2]], ['linux-64', 'noarch']).then(
    (found) => {
      const packages = found.map(({ packageName, version, url }) => ({ packageName, version, url }))
      console.log(JSON.stringify({ packages }))
    },
    (error) => console.log(JSON.stringify({ packages: [], error: String(error) })),
  )
`

/** Asks rattler, which is inside of pixi, what to install from `channel`. In a process of its own: it remembers what it was told. */
export async function solveConda(channel: string, ...specs: readonly string[]): Promise<Solved> {
  const { stdout, output } = await run(process.execPath, ['-e', SCRIPT, LIBRARY, channel, ...specs])
  if (!stdout.startsWith('{')) throw new Error(`rattler failed: ${output}`)
  return { error: undefined, ...(JSON.parse(stdout) as Partial<Solved> & Pick<Solved, 'packages'>) }
}
