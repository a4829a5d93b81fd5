import { timingSafeEqual } from 'node:crypto'
import type { Extent } from '../../deliver/contract.ts'
import type { Settleable } from '../../store/contract.ts'
import type { Observation } from '../../telemetry/observation.ts'

/** A delivery that another server makes, with all that is needed to settle it. Nothing in it is secret. */
export interface HandedOver extends Pick<
  Observation,
  'at' | 'method' | 'client' | 'entrance' | 'repository' | 'token' | 'charged'
> {
  /** Unlike that of any other. */
  readonly nonce: string
  /** Canonical, below the repository. */
  readonly path: string
  readonly extent: Extent
  /** Of a package's body. */
  readonly isDownload: boolean
  /** undefined: nothing in the store is to be settled. */
  readonly reservation: Settleable | undefined
  /** Of the counting period, as in `DeliveryRequest`. */
  readonly periodStart: number | null
}

/**
 * The id under which the front logs a delivery is the delivery itself, signed. So any process of any host can settle it, also after the one that
 * made it was killed, and nobody can make one up.
 */
export interface DeliveryIds {
  /** Letters, digits, `-`, `_` and one dot. */
  readonly write: (delivery: HandedOver) => string
  /** undefined: it was not written here. */
  readonly read: (id: string) => HandedOver | undefined
}

/** What is not said elsewhere in the delivery. */
type Written = Omit<HandedOver, 'reservation'> & {
  readonly reservation: Pick<Settleable, 'id' | 'epoch' | 'reservedBytes'> | undefined
}

const FORM = 1
const LONGEST = 32_768

/** `sign` proves that a text was written here. */
export function createDeliveryIds(sign: (text: string) => string): DeliveryIds {
  return {
    write: (delivery) => {
      const text = Buffer.from(JSON.stringify([FORM, shorten(delivery)])).toString('base64url')
      return `${text}.${sign(text)}`
    },
    read: (id) => {
      const [text = '', proof = '', ...more] = id.length > LONGEST ? [] : id.split('.')
      if (text === '' || more.length > 0 || !isSame(proof, sign(text))) return undefined
      const [form, delivery] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, Written]
      return form === FORM ? complete(delivery) : undefined
    },
  }
}

function shorten({ reservation, ...delivery }: HandedOver): Written {
  if (reservation === undefined) return { ...delivery, reservation }
  const { id, epoch, reservedBytes } = reservation
  return { ...delivery, reservation: { id, epoch, reservedBytes } }
}

function complete({ reservation, ...delivery }: Written): HandedOver {
  const { client, repository, path, token } = delivery
  if (reservation === undefined || token === null) return { ...delivery, reservation: undefined }
  const artifact = `${repository}/${path}`
  return { ...delivery, reservation: { ...reservation, client, artifact, token: token.slugPerm } }
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  return one.length === other.length && timingSafeEqual(one, other)
}
