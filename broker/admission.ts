import type { Socket } from 'node:net'
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

/**
 * Paces new connections. All agents connect again at once after a restart: those beyond the rate wait in place of being
 * refused, addresses take turns, and the messages of those already connected are not delayed.
 */
export function createAdmission(limits: AdmissionLimits, admit: (socket: Socket) => void): Admission {
  const { perSecond } = limits
  const total = createBucket(perSecond)
  const bucketOf = createBuckets(perSecond, perSecond, maxAddresses)
  const openOf = new Map<string, number>()
  const waiting = new Map<string, Set<Socket>>()
  const sockets = new Set<Socket>()
  let timer: NodeJS.Timeout | undefined

  function admitNow(address: string, socket: Socket): boolean {
    const bucket = bucketOf(address)
    if (bucket.waitMs() > 0 || !total.take()) return false
    bucket.charge(1)
    admit(socket)
    return true
  }

  /** One connection of each address in turn, until none may come in. */
  function turn(): void {
    timer = undefined
    let admitted = true
    while (admitted) {
      admitted = false
      for (const [address, queue] of waiting) {
        const [socket] = queue
        if (!socket || !admitNow(address, socket)) continue
        leave(address, socket)
        admitted = true
      }
    }
    if (waiting.size > 0) timer = setTimeout(turn, turnMs)
  }

  function leave(address: string, socket: Socket): void {
    const queue = waiting.get(address)
    queue?.delete(socket)
    if (queue?.size === 0) waiting.delete(address)
  }

  return {
    offer(socket) {
      const address = addressOf(socket)
      const own = openOf.get(address) ?? 0
      if (sockets.size >= limits.maxOpen || own >= limits.maxOpenPerAddress) return void socket.destroy()
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
      // One that is reset while it waits is nobody's error.
      socket.on('error', () => undefined)
      waiting.set(address, (waiting.get(address) ?? new Set<Socket>()).add(socket))
      timer ??= setTimeout(turn, turnMs)
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
