import type { Socket } from 'node:net'
import { type Login, type LoginRank, loginRanks } from './login-history.ts'
import { peekLogin } from './peek-login.ts'
import { createBucket, createBuckets } from './rate.ts'

export interface AdmissionLimits {
  /** Connections at a time, those that wait included. */
  readonly maxOpen: number
  /** The same for one address. */
  readonly maxOpenPerAddress: number
  /** Connections admitted a second, of all addresses together and of one. */
  readonly perSecond: number
}

export interface Admission {
  /** Admits a connection now or later, or destroys it where there are too many. */
  offer(socket: Socket): void
  /** A login from this address failed: its next connections wait longer. */
  penalize(address: string): void
  open(): number
  /** Destroys all connections, those that wait included. */
  stop(): void
}

/** What a failed login costs beyond its connection: an address that only guesses gets half of the rate. */
const failedLoginCost = 1
/** How often the waiting ones are looked at, in ms. */
const turnMs = 10
/** Addresses whose rate is remembered. */
const maxAddresses = 10_000

export function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? ''
}

/** Connections of one address that wait, with their logins, by what is known of these. */
type Waiting = Readonly<Record<LoginRank, Map<Socket, Login | undefined>>>

/**
 * Paces new connections. All agents connect again at once after a restart: those beyond the rate wait in place of being
 * refused, addresses take turns, and the messages of those already connected are not delayed. Of one address those come
 * first whose password was right lately, and last those that seem to guess: many devices may share a router with them.
 */
export function createAdmission(
  limits: AdmissionLimits,
  rankOf: (login: Login | undefined) => LoginRank,
  admit: (socket: Socket) => void,
): Admission {
  const { perSecond } = limits
  const total = createBucket(perSecond)
  const bucketOf = createBuckets(perSecond, perSecond, maxAddresses)
  const openOf = new Map<string, number>()
  const waiting = new Map<string, Waiting>()
  const sockets = new Set<Socket>()
  let timer: NodeJS.Timeout | undefined

  function admitNow(address: string, socket: Socket): boolean {
    const bucket = bucketOf(address)
    if (bucket.waitMs() > 0 || !total.take()) return false
    bucket.charge(1)
    admit(socket)
    return true
  }

  function nextOf({ proven, unsuspicious, suspicious }: Waiting): Socket | undefined {
    for (const socket of proven.keys()) return socket
    for (const [socket, login] of unsuspicious) {
      // Others with its username may have failed since.
      if (rankOf(login) !== 'suspicious') return socket
      unsuspicious.delete(socket)
      suspicious.set(socket, login)
    }
    for (const socket of suspicious.keys()) return socket
    return undefined
  }

  /** One connection of each address in turn, until none may come in. */
  function turn(): void {
    timer = undefined
    let admitted = true
    while (admitted) {
      admitted = false
      for (const [address, ranks] of waiting) {
        const socket = nextOf(ranks)
        if (!socket || !admitNow(address, socket)) continue
        leave(address, socket)
        admitted = true
      }
    }
    if (waiting.size > 0) timer = setTimeout(turn, turnMs)
  }

  function wait(address: string, socket: Socket): void {
    // One that is reset while it waits is nobody's error.
    socket.on('error', () => undefined)
    const ranks = waiting.get(address) ?? { proven: new Map(), unsuspicious: new Map(), suspicious: new Map() }
    waiting.set(address, ranks)
    ranks.suspicious.set(socket, undefined)
    peekLogin(socket, (login) => {
      if (ranks.suspicious.delete(socket)) ranks[rankOf(login)].set(socket, login)
    })
    timer ??= setTimeout(turn, turnMs)
  }

  function leave(address: string, socket: Socket): void {
    const ranks = waiting.get(address)
    if (!ranks) return
    for (const rank of loginRanks) ranks[rank].delete(socket)
    if (loginRanks.every((rank) => ranks[rank].size === 0)) waiting.delete(address)
  }

  /** Makes room for a connection of an address that has too many: the one that seems to guess and waits longest goes. */
  function evict(address: string): boolean {
    const [guess] = waiting.get(address)?.suspicious.keys() ?? []
    guess?.destroy()
    return guess !== undefined
  }

  return {
    offer(socket) {
      const address = addressOf(socket)
      const own = openOf.get(address) ?? 0
      const isFull = sockets.size >= limits.maxOpen || own >= limits.maxOpenPerAddress
      if (isFull && !evict(address)) return void socket.destroy()
      sockets.add(socket)
      openOf.set(address, own + 1)
      socket.once('close', () => {
        sockets.delete(socket)
        const left = (openOf.get(address) ?? 1) - 1
        if (left === 0) openOf.delete(address)
        else openOf.set(address, left)
        leave(address, socket)
      })
      if (!waiting.has(address) && admitNow(address, socket)) return
      wait(address, socket)
    },
    penalize: (address) => bucketOf(address).charge(failedLoginCost),
    open: () => sockets.size,
    stop() {
      clearTimeout(timer)
      waiting.clear()
      for (const socket of sockets) socket.destroy()
    },
  }
}
