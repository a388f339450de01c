import type { Duplex } from 'node:stream'

const defaultPort = 8883

/** How to reach a broker over TLS with a pinned authority; `undefined` for all others. Loads TLS only then. */
export async function pinnedStream(url: string, ca: string | undefined): Promise<(() => Duplex) | undefined> {
  const { protocol, hostname, port } = new URL(url)
  if (protocol !== 'mqtts:' || ca === undefined) return undefined
  const { connectPinned } = await import('@ioc/runtime/pinned-tls.ts')
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return () => connectPinned({ host, port: Number(port || defaultPort), ca })
}
