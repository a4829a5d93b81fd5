/**
 * Judges a record as it is when a change is about to be written, in the same step: false refuses the change. Pure, and may be asked again.
 */
export type Expectation<Stored> = (stored: Stored) => boolean
