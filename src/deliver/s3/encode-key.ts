const SAFE = /^[A-Za-z0-9._~/-]*$/

/**
 * The path of a key as S3 wants it, in a request line and in what is signed alike: every byte of its UTF-8 but letters, digits and `-._~/`
 * becomes `%XX` in capitals. Encoded once: S3, unlike all other services, signs it as it is sent (AWS Signature Version 4, "UriEncode").
 */
export function encodeKey(key: string): string {
  return SAFE.test(key) ? key : key.split('/').map(encodeValue).join('/')
}

/** The same for a value in a query, where slashes are encoded as well. */
export function encodeValue(value: string): string {
  return encodeURIComponent(value).replaceAll(/[!'()*]/g, escape)
}

function escape(mark: string): string {
  return `%${mark.charCodeAt(0).toString(16).toUpperCase()}`
}
