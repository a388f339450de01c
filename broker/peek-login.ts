import type { Socket } from 'node:net'
import { parser } from 'mqtt-packet'
import type { Login } from './login-history.ts'

/**
 * Reads the login of a connection that waits, and leaves what it read in the socket; `undefined` where it does not begin
 * with a whole CONNECT that has a username.
 */
export function peekLogin(socket: Socket, onLogin: (login: Login | undefined) => void): void {
  socket.once('readable', () => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) return
    socket.unshift(chunk)
    onLogin(loginOf(chunk))
  })
}

function loginOf(chunk: Buffer): Login | undefined {
  let login: Login | undefined
  const packets = parser()
  packets.on('error', () => undefined)
  packets.once('packet', (packet) => {
    if (packet.cmd !== 'connect' || packet.username === undefined) return
    login = { username: packet.username, password: packet.password?.toString() ?? '' }
  })
  packets.parse(chunk)
  return login
}
