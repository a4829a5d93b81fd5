/** Who changes something on the management side. */
export interface Actor {
  /**
   * `api_key`: a key of the store; `root_key`: the one that is given in the environment; `system`: Postern itself;
   * `customer`: whoever has the secret of a token, whose id and name it has.
   */
  readonly kind: 'api_key' | 'root_key' | 'system' | 'customer'
  readonly id: string
  readonly name: string
  /** Where the request came from; null when nobody asked from outside. */
  readonly address: string | null
}
