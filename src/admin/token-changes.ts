import { generateSecret } from '../policy/secret.ts'
import { StoreError, type StoredToken, type TokenChange } from '../store/contract.ts'
import { json, type Answer } from './answer.ts'
import { invalid, notFound } from './errors.ts'
import type { AdminOptions } from './options.ts'
import type { Place } from './places.ts'
import type { Call } from './routes.ts'
import { show } from './show.ts'
import type { TokenInput } from './token-fields.ts'
import { checkChange, checkCreation } from './token-input.ts'

/** Creates a token; its secret is made here unless the body brings one. */
export async function createToken(options: AdminOptions, call: Call, place: Place): Promise<Answer> {
  const checked = checkCreation(call.body)
  if (!checked.ok) return invalid(checked.errors)
  const { secret = generateSecret(options.randomInt), ...fields } = checked.input
  const token: StoredToken = {
    ...DEFAULTS,
    ...fields,
    ...place,
    ...keep(options, secret),
    slugPerm: options.newId(),
    createdAt: options.clock(),
    createdBy: call.key.name,
    updatedAt: null,
    updatedBy: null,
  }
  return orConflict(async () => {
    await options.store.tokens.create(token)
    return json(201, show(options, call, token))
  })
}

const DEFAULTS = {
  /** Never used: a creation without a name is refused. */
  name: '',
  isActive: true,
  validFrom: null,
  validUntil: null,
  repositories: null,
  packages: null,
  limitDownloads: null,
  limitClients: null,
  metadata: null,
} as const

/** Changes what the body names. An empty body changes nothing. */
export async function patchToken(options: AdminOptions, call: Call, token: StoredToken): Promise<Answer> {
  const checked = checkChange(call.body, token)
  if (!checked.ok) return invalid(checked.errors)
  return change(options, call, token, checked.input)
}

/** Gives the token a new secret, the body's or a generated one, and changes what else the body names. The old secret is dead. */
export async function refreshToken(options: AdminOptions, call: Call, token: StoredToken): Promise<Answer> {
  const { token: asked, ...others } = call.body
  const checked = checkChange(asked === null ? others : call.body, token)
  if (!checked.ok) return invalid(checked.errors)
  return change(options, call, token, { secret: generateSecret(options.randomInt), ...checked.input })
}

/**
 * Two changes at once both succeed, the last one wins field by field. One that sets the beginning and one that sets the end of the
 * window may so make it empty: then the token opens nothing until the next change.
 */
async function change(
  options: AdminOptions,
  call: Call,
  token: StoredToken,
  { secret, ...fields }: TokenInput,
): Promise<Answer> {
  // Read before the change: when this fails, the client may simply try again.
  const [usage] = await options.store.usage.read([{ token: token.slugPerm, periodStart: null }])
  const changes = { ...fields, ...(secret === undefined ? {} : keep(options, secret)) }
  if (Object.keys(changes).length === 0) return json(200, show(options, call, token, usage))
  return orConflict(async () => {
    const after = await update(options, call, token, changes)
    return after === undefined ? notFound() : json(200, show(options, call, after, usage))
  })
}

/** Switches the token on or off. */
export async function setActive(
  options: AdminOptions,
  call: Call,
  token: StoredToken,
  isActive: boolean,
): Promise<StoredToken | undefined> {
  return update(options, call, token, { isActive })
}

function update(
  { store, clock }: AdminOptions,
  { key }: Call,
  { owner, repo, slugPerm }: StoredToken,
  changes: Omit<TokenChange, 'updatedAt' | 'updatedBy'>,
): Promise<StoredToken | undefined> {
  return store.tokens.update(owner, repo, slugPerm, {
    ...changes,
    updatedAt: clock(),
    updatedBy: key.name,
  })
}

function keep({ keeper }: AdminOptions, secret: string): Pick<StoredToken, 'digest' | 'sealedSecret'> {
  return { digest: keeper.digest(secret), sealedSecret: keeper.seal(secret) }
}

async function orConflict(save: () => Promise<Answer>): Promise<Answer> {
  try {
    return await save()
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'conflict') throw error
    return invalid(new Map([['token', ['Another token of this repository has this secret.']]]))
  }
}
