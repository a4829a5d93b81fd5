import type { Config, S3CredentialsConfig, S3Upstream } from '../config/types.ts'
import type { Deliverer } from '../deliver/contract.ts'
import { createContainerCredentials } from '../deliver/s3/credentials/container.ts'
import type { CredentialProvider, FetchCredentials } from '../deliver/s3/credentials/contract.ts'
import { createInstanceCredentials } from '../deliver/s3/credentials/instance.ts'
import { createFixed, createRenewed } from '../deliver/s3/credentials/renewed.ts'
import { createWebIdentityCredentials } from '../deliver/s3/credentials/web-identity.ts'
import type { LinkOptions } from '../deliver/s3/link-deliverer.ts'
import { createPlace } from '../deliver/s3/place.ts'
import { createS3Deliverer } from '../deliver/s3/s3-deliverer.ts'
import { createSigner } from '../deliver/s3/sign.ts'
import { createWireClient } from '../deliver/wire/client.ts'

export interface S3StorageOptions {
  readonly patience: Config['upstream']
  readonly onFailure: (error: Error) => void
  /** Epoch ms. */
  readonly clock: () => number
  readonly newId: () => string
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
  /** From 0 to below 1. */
  readonly random: () => number
  /** Whether it is one of several with the same files. */
  readonly hasOthers: boolean
}

/** A bucket that files come from. */
export interface S3Storage {
  readonly create: (onFailure: (error: Error) => void) => Deliverer
  /** How links to it are made. */
  readonly link: LinkOptions
  /** What its documents may name it by, with a slash at its end. */
  readonly base: URL
}

export function createS3Storage(upstream: S3Upstream, options: S3StorageOptions): S3Storage {
  const { patience, onFailure, clock, newId, monotonic, random, hasOthers } = options
  const place = createPlace(upstream)
  const publicPlace = createPlace({ ...upstream, endpoint: upstream.publicEndpoint })
  const signer = createSigner(upstream.region)
  const credentials = createCredentials(upstream.credentials, options)
  const signing = { signer, credentials, clock }
  const patienceMs = patience.connectTimeoutMs + patience.headersTimeoutMs
  const trying = { patienceMs, monotonic, random, hasOthers }
  return {
    create: (told) => {
      const client = createWireClient({ ...patience, url: place.url })
      return createS3Deliverer({ ...signing, ...trying, place, client, onFailure: told })
    },
    link: { ...signing, place: publicPlace, lifetimeMs: upstream.linkMs, newId, onFailure },
    base: new URL(publicPlace.base, publicPlace.url),
  }
}

function createCredentials(
  given: S3CredentialsConfig,
  { clock, onFailure }: S3StorageOptions,
): CredentialProvider {
  if (given.kind !== 'keys') return createRenewed({ fetch: fetchOf(given), clock, onFailure })
  const { accessKeyId, secretAccessKey, sessionToken } = given
  const token = sessionToken ?? undefined
  return createFixed({ accessKeyId, secretAccessKey, sessionToken: token, expiresAt: undefined })
}

function fetchOf(given: Exclude<S3CredentialsConfig, { readonly kind: 'keys' }>): FetchCredentials {
  switch (given.kind) {
    case 'web_identity':
      return createWebIdentityCredentials(given)
    case 'container': {
      const { url, token, tokenFile } = given
      return createContainerCredentials({
        url,
        token: token ?? undefined,
        tokenFile: tokenFile ?? undefined,
      })
    }
    case 'instance':
      return createInstanceCredentials(given.endpoint)
  }
}
