import { readFile } from 'node:fs/promises'
import type { FetchCredentials } from './contract.ts'
import { askForCredentials, refusedBy } from './http.ts'
import { readJsonCredentials } from './read-json.ts'

const NAME = 'the container credentials endpoint'

export interface ContainerOptions {
  readonly url: string
  /** What is sent as Authorization. */
  readonly token: string | undefined
  /** File with it, read anew each time: its content is replaced. */
  readonly tokenFile: string | undefined
}

/** Credentials of the role of an ECS task, or of a pod by EKS Pod Identity. */
export function createContainerCredentials({ url, token, tokenFile }: ContainerOptions): FetchCredentials {
  return async () => {
    const authorization = tokenFile === undefined ? token : (await readToken(tokenFile)).trim()
    const headers = authorization === undefined ? {} : { authorization }
    const request = { name: NAME, url, headers }
    const answer = await askForCredentials(request)
    if (answer.status !== 200) throw refusedBy(request, answer, 'look at the role of the task')
    return readJsonCredentials(answer.text, NAME)
  }
}

/** Rejects with the name of the file, and without its content. */
export async function readToken(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`no credentials for the storage: the token file ${file} can't be read`, { cause })
  }
}
