import { writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { run } from '../../support/processes.ts'
import { CLIENTS } from './clients.ts'
import { DOCUMENT, renderDocument, type ClientReport } from './document.ts'
import { observeClient } from './observe.ts'
import { startScene } from './scene.ts'

/** Writes docs/refusals.md from what the clients of this machine print. */
await using scene = await startScene()
const reports: ClientReport[] = []
for (const client of CLIENTS) {
  const [command, ...args] = client.version
  const { output } = await run(command, args)
  const version =
    stripVTControlCharacters(output)
      .split('\n')
      .find((line) => /\d+\.\d+/.test(line)) ?? ''
  const { observed, afterwards } = await observeClient(client, scene)
  const failed = afterwards.find(([, failure]) => failure !== '')
  if (failed !== undefined) throw new Error(`${client.name} still fails after "${failed[0]}":\n${failed[1]}`)
  reports.push({
    name: client.name,
    version: version.replaceAll(/ from \/.*| \(default, .*/g, '').trim(),
    observed,
  })
  process.stdout.write(
    `${client.name}: ${observed.map(({ shown, requests }) => `${shown} ${requests}`).join(', ')}\n`,
  )
}
writeFileSync(DOCUMENT, renderDocument(reports))
