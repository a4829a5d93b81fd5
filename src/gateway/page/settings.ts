import { styleOf, type Style } from './assets.ts'

/** What the vendor's pages look like. */
export interface Brand {
  /** undefined: each page is called after its repository. */
  readonly name: string | undefined
  /** A picture, as a data: URL. */
  readonly logo: string | undefined
  /** Whom customers turn to: an address of mail, a URL, or words. */
  readonly contact: string | undefined
  readonly style: Style
}

/** What the vendor said about the page of a repository. */
export interface PageSettings {
  /** False: whatever the storage has at the root of the repository is there. */
  readonly isShown: boolean
  readonly brand: Brand
  /** Whether the packages are named that the token covers. */
  readonly showsPackages: boolean
}

/** A brand, ready to be shown. `color`: `#rgb` or `#rrggbb`. */
export function createBrand(given: Omit<Brand, 'style'> & { readonly color: string | undefined }): Brand {
  const { name, logo, contact, color } = given
  return { name, logo, contact, style: styleOf(color) }
}
