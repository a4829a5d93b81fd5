import type { Answer, DeliveryOrder } from '../deliver/contract.ts'
import type { Judgement } from './authorize.ts'
import type { Served } from './routes.ts'
import { openPage } from './setup/open-page.ts'

/** Has an order answered by who can: the gate for its own pages, the storage for everything else. */
export function openOrder(
  { page, target, secret: known }: Judgement,
  served: Served,
  order: DeliveryOrder,
): Answer | Promise<Answer> {
  if (page === undefined || target === undefined) return served.deliverer.open(order)
  const secret = target.entrance === 'basic' ? known : undefined
  const { method, baseUrl, onGone } = order
  return openPage({ page, served, target, secret, method, baseUrl, onGone })
}
