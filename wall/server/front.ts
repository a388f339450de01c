import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { openCertificates, type TlsSettings } from '@ioc/broker/credentials/certificates.ts'
import { listen, listenError } from '@ioc/runtime/listen.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { FastifyInstance } from 'fastify'

/** The listening end of the wall. */
export interface Front {
  readonly port: number
  stop(): Promise<void>
}

/** First byte of a TLS connection: a handshake record (RFC 8446, 5.1). */
const handshakeRecord = 0x16
/** Longest time to the first byte of a connection, and to the end of its TLS handshake, in ms. */
const handshakeMs = 10_000
/** Connections, those of unfinished handshakes included. */
const maxConnections = 2_000

/** Listens without TLS. @throws IocError PORT_IN_USE */
export async function listenPlain(app: FastifyInstance, port: number, bind: string): Promise<Front> {
  try {
    await app.listen({ host: bind, port })
  } catch (error) {
    throw listenError(error as Error, port, bind, 'IOC_HTTP_PORT')
  }
  const address = app.server.address()
  return { port: typeof address === 'object' && address ? address.port : port, stop: async () => undefined }
}

/**
 * Listens for HTTPS and HTTP on one port, told apart by the first byte, so that addresses with http:// still lead to the
 * wall. The HTTP server of the app gets all connections, decrypted.
 * @throws IocError PORT_IN_USE, FOLDER_UNUSABLE
 */
export async function listenTls(
  app: FastifyInstance,
  settings: TlsSettings & { readonly httpPort: number },
  logger: Logger,
): Promise<Front> {
  await app.ready()
  const certificates = await openCertificates(settings)
  const options = { minVersion: 'TLSv1.2', handshakeTimeout: handshakeMs } as const
  const secure = createTlsServer({ ...options, ...certificates.current }, (socket) =>
    app.server.emit('connection', socket),
  )
  secure.on('tlsClientError', (err) => logger.debug({ err }, 'TLS handshake failed'))
  const sockets = new Set<Socket>()
  const front = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    tellApart(socket, secure, app.server)
  })
  front.maxConnections = maxConnections
  const port = await listen(front, settings.httpPort, settings.bind, 'IOC_HTTP_PORT')
  certificates.watch((tls) => secure.setSecureContext({ ...options, ...tls }), logger)
  return {
    port,
    async stop() {
      certificates.stop()
      const closed = new Promise((resolve) => front.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Hands a connection to the server of its protocol, once its first byte has arrived. */
function tellApart(socket: Socket, secure: Server, plain: Server): void {
  const onError = () => socket.destroy()
  socket.on('error', onError)
  socket.setTimeout(handshakeMs, onError)
  socket.once('readable', () => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) return onError()
    socket.setTimeout(0)
    socket.off('timeout', onError)
    socket.unshift(chunk)
    const server = chunk[0] === handshakeRecord ? secure : plain
    server.emit('connection', socket)
    socket.off('error', onError)
  })
}
