/** What applies where the file is silent, as it would be written there. */
export const DEFAULTS: { readonly listen: string; readonly adminListen: string; readonly store: string } = {
  listen: '127.0.0.1:8080',
  adminListen: '127.0.0.1:8081',
  store: 'sqlite:data/postern.db',
}
