import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'

const ROOT = join(import.meta.dirname, '../..')
const BUILT = join(ROOT, 'dist/console/index.html')

/** Once before all tests: what they open in a browser is what the sources say. */
export async function setup(): Promise<void> {
  if (newestOf(['src', 'package-lock.json', 'vite.config.ts']) < changedAt(BUILT)) return
  await build({ configFile: join(ROOT, 'vite.config.ts'), root: join(ROOT, 'src/console'), logLevel: 'warn' })
}

function newestOf(paths: readonly string[]): number {
  const files = paths.flatMap((path) => [
    join(ROOT, path),
    ...(statSync(join(ROOT, path)).isDirectory()
      ? readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' }).map((name) =>
          join(ROOT, path, name),
        )
      : []),
  ])
  return Math.max(...files.map(changedAt))
}

/** 0: there is no such file. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
