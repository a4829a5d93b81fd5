const LISTED = '+'

/** Names the `count`th reservation of a process, whose id has no colon. */
export function reservationId(process: string, count: number): string {
  return `${process}:${count}`
}

/** The process that made a reservation. */
export function processOf(reservation: string): string {
  return reservation.slice(0, reservation.indexOf(':'))
}

/** The name of a reservation that is listed in the table of deliveries under way; the settlement of any other need not look there. */
export function listedId(reservation: string): string {
  return `${reservation}${LISTED}`
}

export function isListed(reservation: string): boolean {
  return reservation.endsWith(LISTED)
}
