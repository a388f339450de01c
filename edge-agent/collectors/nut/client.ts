import { connect } from 'node:net'

/** Longest answer of a server, in bytes: a UPS has some 60 variables. */
const maxBytes = 100_000

/**
 * Asks a NUT server for all variables of UPSs, each `LIST VAR`, over one connection (RFC 9271, section 4.2.7).
 * @returns of each UPS its variables, or why there are none, as `UNKNOWN-UPS` or `DATA-STALE`
 * @throws Error where the server cannot be reached, or its answer is not of this protocol
 */
export function listVariables(
  { host, port }: { readonly host: string; readonly port: number },
  names: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, ReadonlyMap<string, string> | string>> {
  return new Promise((resolve, reject) => {
    const found = new Map<string, ReadonlyMap<string, string> | string>()
    const socket = connect({ host, port, signal })
    let text = ''
    const ask = () => {
      const next = names[found.size]
      if (next !== undefined) socket.write(`LIST VAR ${next}\n`)
      else {
        // A server that does not close holds no connection open.
        socket.end('LOGOUT\n', () => socket.destroy())
        resolve(found)
      }
    }
    socket.setEncoding('utf8')
    socket.once('connect', ask)
    socket.on('data', (chunk: string) => {
      text += chunk
      if (text.length > maxBytes) return socket.destroy(new Error('the answer of the NUT server is too long'))
      const name = names[found.size]
      if (name === undefined) return
      const answer = parseAnswer(text, name)
      if (!answer) return
      text = ''
      found.set(name, answer)
      ask()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the NUT server closed the connection')))
  })
}

/** Parses a complete answer to `LIST VAR`; undefined while the end is outstanding. */
export function parseAnswer(text: string, name: string): ReadonlyMap<string, string> | string | undefined {
  const [, error] = /^ERR (\S+).*\n/m.exec(text) ?? []
  if (error !== undefined) return error
  if (!text.endsWith(`END LIST VAR ${name}\n`)) return undefined
  const lines = text.matchAll(/^VAR \S+ (\S+) "((?:[^"\\]|\\.)*)"$/gm)
  return new Map([...lines].map(([, key = '', value = '']) => [key, value.replaceAll(/\\(.)/g, '$1')]))
}
