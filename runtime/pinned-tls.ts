import { X509Certificate } from 'node:crypto'
import { connect, type TLSSocket } from 'node:tls'
import { IocError } from '@ioc/contract/errors.ts'

/** A name in the certificate of every centre: agents verify it in place of an address, which may change. */
export const centreTlsName = 'ioc-centre'

export interface PinnedTarget {
  readonly host: string
  readonly port: number
  /** Certificate authority of the centre, in PEM. */
  readonly ca: string
}

/**
 * Connects to a centre by TLS. Its certificate must be signed by the pinned authority, which signs nothing else. Dates are
 * not compared: the clock of a machine without a battery is years behind until it is connected.
 */
export function connectPinned({ host, port, ca }: PinnedTarget): TLSSocket {
  const { publicKey } = new X509Certificate(ca)
  const socket = connect({ host, port, servername: centreTlsName, rejectUnauthorized: false, minVersion: 'TLSv1.2' })
  // Called within the handshake: nothing that was written leaves this process before it.
  socket.once('secureConnect', () => {
    const certificate = socket.getPeerX509Certificate()
    if (certificate?.verify(publicKey) && certificate.checkHost(centreTlsName) !== undefined) return
    socket.destroy(
      new IocError(
        'CENTRE_UNTRUSTED',
        `the certificate at ${host} is not of the authority that this agent was enrolled with`,
      ),
    )
  })
  return socket
}
