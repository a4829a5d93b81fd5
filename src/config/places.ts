import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** What the checks ask of the file system. */
export interface Places {
  /** Absolute path of the configuration file. */
  readonly file: string
  /** Makes a path absolute, relative to the configuration file. */
  readonly resolve: (path: string) => string
  readonly isDirectory: (path: string) => boolean
  /** True for a file that this user may read. */
  readonly isReadableFile: (path: string) => boolean
  /** Bytes of a file that this user may read; undefined: there is none. */
  readonly sizeOf: (path: string) => number | undefined
  /** The text of a file; undefined: it can't be read, or is not UTF-8. */
  readonly readText: (path: string) => string | undefined
  /** Why files can't be made in a folder, which need not exist yet; undefined: they can, as far as can be seen. */
  readonly whyNotWritable: (folder: string) => string | undefined
  /** True when `file` lies inside `directory`, links followed. Neither needs to exist. */
  readonly holds: (directory: string, file: string) => boolean
}

export function createPlaces(file: string): Places {
  const absolute = resolve(file)
  return {
    file: absolute,
    resolve: (path) => resolve(dirname(absolute), path),
    isDirectory,
    isReadableFile,
    sizeOf: (path) => (isReadableFile(path) ? statSync(path).size : undefined),
    readText,
    whyNotWritable,
    holds: (directory, inner) => isInside(realPath(directory), realPath(inner)),
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function isReadableFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function readText(path: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch {
    return undefined
  }
}

function whyNotWritable(folder: string): string | undefined {
  const stat = statSync(folder, { throwIfNoEntry: false })
  if (stat === undefined) {
    const parent = dirname(folder)
    return parent === folder ? 'there is none' : whyNotWritable(parent)
  }
  if (!stat.isDirectory()) return `${folder} is a file`
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return undefined
  } catch {
    return `this user may not write to ${folder}`
  }
}

function isInside(directory: string, file: string): boolean {
  const way = relative(directory, file)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Follows links as far as the path exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(realPath(parent), basename(path))
  }
}
