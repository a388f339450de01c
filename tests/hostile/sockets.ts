import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Opens a TCP connection to loopback; errors of an attacked peer are expected, and end it silently. */
export function openSocket(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => undefined)
  return socket
}

export function portOf(url: string): number {
  return Number(new URL(url).port)
}

/** Sends bytes and resolves to what comes back until the peer closes, or until `waitMs` have passed. */
export async function exchange(port: number, bytes: Uint8Array | string, waitMs = 1_000): Promise<Buffer> {
  const socket = openSocket(port)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(bytes)
  await Promise.race([closed, sleep(waitMs)])
  socket.destroy()
  return Buffer.concat(chunks)
}

/** Sends an HTTP request exactly as written and resolves to the status of the answer; 0 where there is none. */
export async function httpStatus(port: number, lines: readonly string[], body = ''): Promise<number> {
  const answer = await exchange(port, `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`, 3_000)
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer.toString('latin1'))?.[1] ?? 0)
}
