import type { PlannedChange, StoredToken } from '../../store/contract.ts'
import type { FieldErrors } from '../errors.ts'
import { noteOf } from '../note.ts'
import type { AdminOptions } from '../options.ts'
import type { Place } from '../places.ts'
import { placeReach, reachOf, refuseReach } from '../reach.ts'
import type { Call } from '../routes.ts'
import { changesOf, newToken } from '../token-changes.ts'
import { TOKEN_FIELDS, type TokenInput } from '../token-fields.ts'
import { checkChange, checkCreation } from '../token-input.ts'
import { fieldOf, type Wish } from './wishes.ts'

/** What becomes of a row. */
export interface Verdict extends Pick<Wish, 'row' | 'line'> {
  readonly result: 'created' | 'changed' | 'unchanged' | 'deleted' | 'failed'
  /** The token as it is afterwards, or was before it went. */
  readonly token: StoredToken | undefined
  /** Fields that change, by Cloudsmith's names. */
  readonly changes: readonly string[]
  readonly errors: FieldErrors
  readonly planned: PlannedChange | undefined
}

export interface Scene {
  readonly options: AdminOptions
  readonly call: Call
  readonly place: Place
  /** The tokens that there are, by what rows name. */
  readonly lookUp: (key: Wish['key']) => readonly StoredToken[]
  /** Who has the secret, as the current or the previous one. */
  readonly holderOf: (digest: string) => StoredToken | undefined
  /** A secret for a row that names none. */
  readonly secretFor: (wish: Wish) => string
}

const FIELD_NAMES: ReadonlyMap<string, string> = new Map(
  [...TOKEN_FIELDS].map(([field, { property }]) => [property, field]),
)
const TAKEN = 'Another token of this repository, or of its owner, has this secret.'
const TOO_FAR = 'This token opens repositories that your key does not cover.'
const BEYOND = 'Your key does not cover all of these.'
const SINGLE = 'A previous secret is a matter of single tokens: refresh this one.'

/** Says what a row does, given what there is. Pure but for ids and seals. */
export function judge(scene: Scene, wish: Wish): Verdict {
  if (wish.errors.size > 0) return failed(wish, wish.errors)
  const { key, action, fields } = wish
  const [token, ...others] = scene.lookUp(key)
  if (others.length > 0) {
    return fail(wish, fieldOf(key), `${others.length + 1} tokens have this name; name one by its slug_perm.`)
  }
  if (token === undefined) return judgeMissing(scene, wish)
  if (action === 'ensure') return unchanged(wish, token)
  if (!scene.call.principal.coversGlobs(reachOf(token))) return fail(wish, fieldOf(key), TOO_FAR)
  if (action === 'delete') return remove(scene, wish, token)
  if (action === 'enable' || action === 'disable') {
    return change(scene, wish, token, { isActive: action === 'enable' })
  }
  return isAboutPrevious(fields)
    ? fail(wish, 'previous_secret_valid_until', SINGLE)
    : changeFields(scene, wish, token)
}

function isAboutPrevious({ previous_secret_valid_until: until }: Wish['fields']): boolean {
  return until !== undefined && until !== null
}

function judgeMissing(scene: Scene, wish: Wish): Verdict {
  const { action, key, fields } = wish
  // So that a request can be repeated.
  if (action === 'delete') return unchanged(wish, undefined)
  const makes = action === 'upsert' || action === 'create' || action === 'ensure'
  if (key.by === 'slug_perm' || !makes) return fail(wish, fieldOf(key), 'There is no such token.')
  const { options, call, place } = scene
  const { previous_secret_valid_until: until, ...others } = fields
  if (until !== undefined && until !== null) return fail(wish, 'previous_secret_valid_until', SINGLE)
  const checked = checkCreation(others, options.clock())
  if (!checked.ok) return failed(wish, checked.errors)
  const placed = placeReach(place, { repositories: null, ...checked.input })
  if (!placed.ok) return failed(wish, placed.errors)
  const errors = refuseInput(scene, placed.input, undefined)
  if (errors !== undefined) return failed(wish, errors)
  const secret = placed.input.secret ?? scene.secretFor(wish)
  const after = newToken(options, call, place, { ...placed.input, secret })
  const note = noteOf(options, call, 'repo.entitlement.created')
  const planned = { before: undefined, after, note }
  return { ...unchanged(wish, after), result: 'created', changes: fieldsOf(checked.input), planned }
}

function changeFields(scene: Scene, wish: Wish, token: StoredToken): Verdict {
  const { token: secret, previous_secret_valid_until: _, ...others } = wish.fields
  // null asks for what there is, as in a creation.
  const body = secret === undefined || secret === null ? others : { ...others, token: secret }
  const checked = checkChange(body, token, scene.options.clock())
  if (!checked.ok) return failed(wish, checked.errors)
  const placed = placeReach(token, checked.input)
  if (!placed.ok) return failed(wish, placed.errors)
  const errors = refuseInput(scene, placed.input, token)
  if (errors !== undefined) return failed(wish, errors)
  const verdict = change(scene, wish, token, placed.input)
  if (wish.action !== 'create' || verdict.result === 'unchanged') return verdict
  const message = `There is such a token, with other values of ${verdict.changes.join(', ')}; "upsert" changes it.`
  return fail(wish, fieldOf(wish.key), message)
}

/** What is wrong about it here, and now. */
function refuseInput(
  { call, holderOf, options }: Scene,
  input: TokenInput,
  own: StoredToken | undefined,
): FieldErrors | undefined {
  if (refuseReach(call.principal, input) !== undefined) return new Map([['repositories', [BEYOND]]])
  const { secret } = input
  const holder = secret === undefined ? undefined : holderOf(options.keeper.digest(secret))
  const isTaken = holder !== undefined && holder.slugPerm !== own?.slugPerm
  return isTaken ? new Map([['token', [TAKEN]]]) : undefined
}

function change({ options, call }: Scene, wish: Wish, before: StoredToken, input: TokenInput): Verdict {
  const { secret, ...fields } = input
  const isNewSecret = secret !== undefined && options.keeper.digest(secret) !== before.digest
  const names = fieldsOf(fields).filter((property) => property !== 'token')
  const asked: TokenInput = isNewSecret ? input : fields
  const changed = names.filter((name) => differs(before, asked, name))
  const changes = isNewSecret ? [...changed, 'token'] : changed
  const wanted = changes.length === 0 ? {} : changesOf(options, before, undefined, asked)
  if (changes.length === 0 || wanted === undefined) return unchanged(wish, before)
  const note = noteOf(options, call, 'repo.entitlement.updated')
  const after = { ...before, ...wanted, updatedAt: note.at, updatedBy: call.actor.name }
  return { ...unchanged(wish, after), result: 'changed', changes, planned: { before, after, note } }
}

function differs(before: StoredToken, input: TokenInput, field: string): boolean {
  const property = TOKEN_FIELDS.get(field)?.property
  if (property === undefined || property === 'secret') return false
  return JSON.stringify(before[property]) !== JSON.stringify(input[property])
}

function fieldsOf(input: TokenInput): readonly string[] {
  return Object.keys(input).flatMap((property) => FIELD_NAMES.get(property) ?? [])
}

function remove({ options, call }: Scene, wish: Wish, before: StoredToken): Verdict {
  const note = noteOf(options, call, 'repo.entitlement.deleted')
  return { ...unchanged(wish, before), result: 'deleted', planned: { before, after: undefined, note } }
}

function unchanged({ row, line }: Wish, token: StoredToken | undefined): Verdict {
  return { row, line, result: 'unchanged', token, changes: [], errors: new Map(), planned: undefined }
}

function failed(wish: Wish, errors: FieldErrors): Verdict {
  return { ...unchanged(wish, undefined), result: 'failed', errors }
}

function fail(wish: Wish, field: string, message: string): Verdict {
  return failed(wish, new Map([[field, [message]]]))
}
