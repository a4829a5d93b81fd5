import { mkdir } from 'node:fs/promises'
import { cleanEnvironment, runOrFail, temporaryDirectory } from './processes.ts'

/** A throwaway OpenPGP key in a key ring of its own. */
export interface SigningKey extends AsyncDisposable {
  /** Writes the armored public key. */
  readonly exportTo: (file: string) => Promise<void>
  /** `InRelease`: the text with its signature around it. */
  readonly clearSign: (file: string, output: string) => Promise<void>
  /** `Release.gpg`, `repomd.xml.asc`: the signature alone, armored. */
  readonly detachSign: (file: string, output: string) => Promise<void>
}

const OPTIONS = ['--batch', '--quiet', '--passphrase', '', '--pinentry-mode', 'loopback']

interface SigningKeyOptions {
  readonly identity?: string
  /** When the key and its signatures say they were made (epoch seconds); now, unless given. */
  readonly epoch?: number
}

/** Makes a key that has no passphrase and never expires. Disposing of it ends the agent that gpg started. */
export async function createSigningKey({
  identity = 'Postern test <test@example.invalid>',
  epoch,
}: SigningKeyOptions = {}): Promise<SigningKey> {
  const directory = await temporaryDirectory('gpg')
  const home = `${directory.path}/home`
  await mkdir(home, { mode: 0o700 })
  const env = cleanEnvironment({ GNUPGHOME: home })
  const dated = epoch === undefined ? [] : ['--faked-system-time', `${epoch}!`]
  const gpg = (...args: string[]): Promise<string> =>
    runOrFail('gpg', [...OPTIONS, ...dated, ...args], { env })
  await gpg('--quick-gen-key', identity, 'ed25519', 'sign', 'never')
  return {
    exportTo: async (file) => void (await gpg('--armor', '--output', file, '--export')),
    clearSign: async (file, output) => void (await gpg('--output', output, '--clear-sign', file)),
    detachSign: async (file, output) =>
      void (await gpg('--armor', '--output', output, '--detach-sign', file)),
    [Symbol.asyncDispose]: async () => {
      await runOrFail('gpgconf', ['--kill', 'gpg-agent'], { env })
      await directory.remove()
    },
  }
}
