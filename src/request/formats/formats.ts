import type { Format } from '../../policy/types.ts'
import type { Recognizer } from './contract.ts'
import { recognizeDeb } from './deb.ts'
import { recognizeNpm } from './npm.ts'
import { recognizeRaw } from './raw.ts'
import { recognizeRpm } from './rpm.ts'

/** The recognizer of each format. */
export const recognizers: Readonly<Record<Format, Recognizer>> = {
  deb: recognizeDeb,
  rpm: recognizeRpm,
  npm: recognizeNpm,
  raw: recognizeRaw,
}
