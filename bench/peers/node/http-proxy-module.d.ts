/** What is used of http-proxy 1.18, which has no types of its own. */
declare module 'http-proxy' {
  import type { Agent, IncomingMessage, ServerResponse } from 'node:http'

  interface ProxyServer {
    web(request: IncomingMessage, response: ServerResponse): void
    on(
      event: 'error',
      listener: (error: Error, request: IncomingMessage, response: ServerResponse) => void,
    ): this
  }
  const httpProxy: {
    createProxyServer(options: { readonly target: string; readonly agent: Agent }): ProxyServer
  }
  export = httpProxy
}
