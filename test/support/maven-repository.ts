import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeZip } from './zip.ts'

const SNAPSHOT = { version: '2.0-SNAPSHOT', stamped: '2.0-20260101.120000-1' }

/**
 * Builds a Maven repository in `directory`/maven: `com.acme:widget` 1.0, 1.1 and a snapshot of 2.0, each in need of `com.acme:lib`; and in
 * `directory`/maven-tools what Maven itself adds to everything that it loads.
 */
export async function buildMavenRepository(directory: string): Promise<void> {
  const root = join(directory, 'maven')
  await Promise.all([
    publish(root, 'com.acme', 'widget', '1.0', ['lib']),
    publish(root, 'com.acme', 'widget', '1.1', ['lib']),
    publish(root, 'com.acme', 'widget', SNAPSHOT.version, ['lib'], SNAPSHOT.stamped),
    publish(root, 'com.acme', 'lib', '1.0', []),
    publish(join(directory, 'maven-tools'), 'org.codehaus.plexus', 'plexus-utils', '1.1', []),
  ])
  const folder = join(root, 'com/acme/widget')
  const versions = ['1.0', '1.1', SNAPSHOT.version].map((each) => `<version>${each}</version>`).join('')
  const about = '<metadata><groupId>com.acme</groupId><artifactId>widget</artifactId>'
  await writeWithChecksum(
    join(folder, 'maven-metadata.xml'),
    `${about}<versioning><release>1.1</release><versions>${versions}</versions></versioning></metadata>`,
  )
  const snapshot = '<snapshot><timestamp>20260101.120000</timestamp><buildNumber>1</buildNumber></snapshot>'
  await writeWithChecksum(
    join(folder, SNAPSHOT.version, 'maven-metadata.xml'),
    `${about}<version>${SNAPSHOT.version}</version><versioning>${snapshot}</versioning></metadata>`,
  )
}

async function publish(
  root: string,
  group: string,
  artifact: string,
  version: string,
  needs: readonly string[],
  written = version,
): Promise<void> {
  const folder = join(root, group.replaceAll('.', '/'), artifact, version)
  await mkdir(folder, { recursive: true })
  const dependencies = needs.map(
    (each) =>
      `<dependency><groupId>com.acme</groupId><artifactId>${each}</artifactId><version>1.0</version></dependency>`,
  )
  const model = `<project><modelVersion>4.0.0</modelVersion><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><dependencies>${dependencies.join('')}</dependencies></project>`
  await writeWithChecksum(join(folder, `${artifact}-${written}.pom`), model)
  const jar = join(folder, `${artifact}-${written}.jar`)
  await writeZip(jar, { 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n', [`${artifact}.txt`]: version })
  await writeFile(`${jar}.sha1`, sha1(await readFile(jar)))
}

async function writeWithChecksum(file: string, text: string): Promise<void> {
  await writeFile(file, text)
  await writeFile(`${file}.sha1`, sha1(Buffer.from(text)))
}

function sha1(content: Buffer): string {
  return createHash('sha1').update(content).digest('hex')
}
