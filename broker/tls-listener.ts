import type { Socket } from 'node:net'
import { createServer } from 'node:tls'
import { listen } from '@ioc/runtime/listen.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { openCertificates, type TlsSettings } from './credentials/certificates.ts'
import type { BrokerOptions } from './options.ts'

export interface TlsListener {
  readonly port: number
  stop(): Promise<void>
}

/**
 * Listens for MQTT over TLS, with a certificate that is replaced while it runs.
 * @throws IocError PORT_IN_USE, FOLDER_UNUSABLE
 */
export async function startTlsListener(
  options: BrokerOptions & TlsSettings,
  onSocket: (socket: Socket) => void,
  logger: Logger,
): Promise<TlsListener> {
  const certificates = await openCertificates(options)
  const settings = { minVersion: 'TLSv1.2', handshakeTimeout: options.mqttConnectTimeoutMs, noDelay: true } as const
  const server = createServer({ ...settings, ...certificates.current }, onSocket)
  // Handshakes that have not ended are no connections of the admission yet.
  server.maxConnections = options.mqttMaxConnections
  server.on('tlsClientError', (err) => logger.debug({ err }, 'TLS handshake failed'))
  const port = await listen(server, options.mqttsPort, options.bind, 'IOC_MQTTS_PORT')
  certificates.watch((tls) => server.setSecureContext({ ...settings, ...tls }), logger)
  return {
    port,
    async stop() {
      certificates.stop()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
