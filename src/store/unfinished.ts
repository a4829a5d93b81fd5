/** Why a store can't be used that a restore began to fill. */
export const RESTORE_AGAIN: string =
  'a restore into it was broken off, so that parts are missing. Run "postern restore" again, from the start'
