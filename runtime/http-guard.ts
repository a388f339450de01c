import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { IocError } from '@ioc/contract/errors.ts'
import { optionSchema } from '@ioc/contract/options.ts'

/** What keeps one client of an HTTP server from shutting out the others, and pages of other sites from using it. */

export const httpGuardOptions = optionSchema({
  allowedHosts: {
    type: 'string',
    default: '',
    title: 'Additional host names that the HTTP servers accept, such as ioc.example.vn,*.lan; * accepts any name',
  },
})

export interface ConnectionLimits {
  /** Connections at once. */
  readonly maxConnections: number
  /** Connections at once of one address: half of all, so that two clients cannot use them up. */
  readonly maxConnectionsPerAddress: number
  /** Requests that a client may send on one connection before the first of them is answered. */
  readonly maxPipelined: number
}

export const connectionLimits: ConnectionLimits = {
  maxConnections: 1_000,
  maxConnectionsPerAddress: 500,
  maxPipelined: 32,
}

/** For Fastify's `http`: how long, in ms, the headers of a request may take, and how often that is checked. */
export const httpTimeouts = { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 }

/**
 * Limits the connections of a server. At a limit, a new connection takes the place of the one that has been waiting for
 * its client for the longest time: for a whole request, or for the answer to be read. Only while all of them are being
 * answered is the new one refused.
 * @returns ends the limits of a socket that is no longer HTTP, as after an upgrade
 */
export function limitConnections(server: Server, limits: Partial<ConnectionLimits> = {}): (socket: Socket) => void {
  const { maxConnections, maxConnectionsPerAddress, maxPipelined } = { ...connectionLimits, ...limits }
  const addresses = new Map<string, Connections>()
  const owners = new Map<Socket, Connections>()

  const release = (socket: Socket): void => {
    const owner = owners.get(socket)
    if (!owner) return
    owners.delete(socket)
    owner.unanswered.delete(socket)
    owner.waiting.delete(socket)
    if (owner.unanswered.size === 0) addresses.delete(owner.address)
  }

  const evict = (owner: Connections | undefined): boolean => {
    const [oldest] = owner?.waiting ?? []
    if (!oldest) return false
    release(oldest)
    oldest.destroy()
    return true
  }

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const known = addresses.get(address)
    const full = known !== undefined && known.unanswered.size >= maxConnectionsPerAddress
    if ((full && !evict(known)) || (owners.size >= maxConnections && !evict(largest(addresses.values())))) {
      socket.destroy()
      return
    }
    const owner = addresses.get(address) ?? { address, unanswered: new Map(), waiting: new Set() }
    addresses.set(address, owner)
    owners.set(socket, owner)
    owner.unanswered.set(socket, 0)
    owner.waiting.add(socket)
    socket.once('close', () => release(socket))
  })

  // Before the listeners of the application, which may answer at once.
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    const owner = owners.get(socket)
    if (!owner) return
    const count = (owner.unanswered.get(socket) ?? 0) + 1
    owner.unanswered.set(socket, count)
    if (count > maxPipelined) {
      socket.destroy()
      return
    }
    const whole = () => owner.waiting.delete(socket)
    if (hasBody(request)) request.once('end', whole)
    else whole()
    let answered = false
    const handedOver = () => {
      if (answered || !owners.has(socket)) return
      answered = true
      const left = (owner.unanswered.get(socket) ?? 1) - 1
      owner.unanswered.set(socket, left)
      if (left === 0) wait(owner, socket)
    }
    // The whole answer is in the buffers of this process: from here on the client is waited for.
    response.once('prefinish', handedOver)
    response.once('close', handedOver)
  })
  return release
}

/** The connections of an address. */
interface Connections {
  readonly address: string
  /** How many requests of each are not answered yet. */
  readonly unanswered: Map<Socket, number>
  /** Those whose client is waited for, the longest first. */
  readonly waiting: Set<Socket>
}

function wait({ waiting }: Connections, socket: Socket): void {
  waiting.delete(socket)
  waiting.add(socket)
}

/** The address with the most connections, of those that have one whose client is waited for. */
function largest(addresses: Iterable<Connections>): Connections | undefined {
  let found: Connections | undefined
  for (const one of addresses) {
    if (one.waiting.size > 0 && one.unanswered.size > (found?.unanswered.size ?? 0)) found = one
  }
  return found
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

export interface SiteOptions {
  /** Address that the server listens on. */
  readonly bind: string
  /** `IOC_ALLOWED_HOSTS`. */
  readonly allowedHosts: string
  /** Paths of pages that a link on another site may open. None by default. */
  readonly isPage?: (path: string) => boolean
}

type Request = Pick<IncomingMessage, 'headers' | 'method' | 'url'>

/**
 * Decides by which names a server may be addressed and from which sites a browser may send it requests. A request by an IP
 * address needs no name, and clients other than browsers send no origin: both pass. What is refused: names that are not
 * known (DNS rebinding), and requests that a page of another site makes, by script, form, image or link.
 * @throws IocError OPTION_INVALID
 * @returns why a request is answered 403; undefined where it is allowed
 */
export function createSiteCheck({ bind, allowedHosts, isPage }: SiteOptions): (request: Request) => string | undefined {
  const names = readNames(allowedHosts)
  const own: ReadonlySet<string> = new Set([bind.toLowerCase(), hostname().toLowerCase(), 'localhost'])
  const isConfigured = ({ name }: Host) => names.some((one) => matches(name, one))
  const isAllowed = (host: Host) =>
    isIP(host.name) !== 0 ||
    own.has(host.name) ||
    host.name.endsWith('.localhost') ||
    names.includes('*') ||
    isConfigured(host)

  return ({ headers, method = 'GET', url = '/' }) => {
    // Browsers let no page set it, so that it comes from a proxy: the name that its client used.
    const [forwarded] = String(headers['x-forwarded-host'] ?? '').split(',', 1)
    const hosts: Host[] = []
    for (const text of [headers.host ?? '', forwarded?.trim() ?? '']) {
      if (text === '') continue
      const host = readHost(text)
      if (!host || !isAllowed(host)) {
        return `host ${quoted(text)} is not allowed: add its name to IOC_ALLOWED_HOSTS, or use the IP address`
      }
      hosts.push(host)
    }
    const { origin, 'sec-fetch-site': site } = headers
    if (origin !== undefined) {
      const from = readOrigin(origin)
      if (from && isConfigured(from)) return undefined
      if (!from || !hosts.some((host) => host.name === from.name && host.port === from.port)) {
        return `origin ${quoted(origin)} is not allowed: add its name to IOC_ALLOWED_HOSTS to let its pages use this server`
      }
    }
    if (site === undefined || site === 'same-origin' || site === 'none') return undefined
    const opensPage = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
    if (opensPage && method === 'GET' && isPage?.(url.split('?', 1)[0] ?? '')) return undefined
    return 'requests from pages of other sites are not allowed'
  }
}

interface Host {
  /** Lower case, without the brackets of an IPv6 address. */
  readonly name: string
  /** Empty for the port of the scheme. */
  readonly port: string
}

/** Names of the setting, of which a `*.` at the beginning stands for every name below. */
function readNames(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      if (entry === '*') return entry
      const [, wildcard = '', rest = ''] = /^(?:https?:\/\/)?(\*\.)?(.*?)\/?$/i.exec(entry) ?? []
      const host = readHost(rest)
      if (!host) {
        throw new IocError(
          'OPTION_INVALID',
          `IOC_ALLOWED_HOSTS: expected host names such as ioc.example.vn, got "${entry}"`,
        )
      }
      return wildcard + host.name
    })
}

function matches(name: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern
}

function readHost(text: string): Host | undefined {
  if (/[\s/@?#\\]/.test(text)) return undefined
  return readOrigin(`http://${text}`)
}

function readOrigin(text: string): Host | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined
  try {
    const { hostname: name, port } = new URL(text)
    // Behind a proxy, which may end TLS, each of these stands for no port.
    return { name: name.replace(/^\[|\]$|\.$/g, ''), port: port === '80' || port === '443' ? '' : port }
  } catch {
    return undefined
  }
}

/** Longest text of a header that a message repeats, in characters. */
const maxQuoted = 100

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, maxQuoted))
}
