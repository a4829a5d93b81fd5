#!/usr/bin/env node
import { readEnvironment } from './config/load.ts'
import { serve } from './app/serve.ts'

const args = process.argv.slice(2)
const at = args.indexOf('--config')
process.exitCode = await serve(
  { config: args[at + 1] ?? '', demo: args.includes('--demo') },
  { environment: readEnvironment(), version: '0.1.0', say: (text) => void process.stderr.write(`${text}\n`) },
)
