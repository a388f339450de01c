import type { Server } from 'node:net'
import { IocError } from '@ioc/contract/errors.ts'

/**
 * Listens, and resolves to the port (which the system chose where `port` is 0).
 * @throws IocError PORT_IN_USE
 */
export async function listen(server: Server, port: number, host: string, setting: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, port, host, setting)))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

/** Puts what a person can act on in place of EADDRINUSE and its like. */
export function listenError(error: Error, port: number, host: string, setting: string): Error {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE') {
    return new IocError(
      'PORT_IN_USE',
      `port ${port} on ${host} is in use: stop the process that listens there, or set ${setting} to another port`,
    )
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new IocError(
      'OPTION_INVALID',
      `cannot listen on ${host} port ${port} (${code}): set IOC_BIND and ${setting} to an address and port of this machine`,
    )
  }
  return error
}

/** Whether an address reaches only this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** The address, as it stands in a URL, at which a process of this machine reaches a server that listens on `bind`. */
export function urlHost(bind: string): string {
  const host = bind === '0.0.0.0' || bind === '::' || bind === '' ? '127.0.0.1' : bind
  return host.includes(':') ? `[${host}]` : host
}
