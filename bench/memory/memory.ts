import type { Options } from '../options.ts'
export async function watchMemory(_options: Options): Promise<void> {}
