import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Logger } from '@ioc/runtime/logger.ts'
import { type Announcement, announcementOf } from './discovery.ts'

export interface ListenerSettings {
  readonly group: string
  readonly port: number
  /** IPv4 addresses of this machine on whose networks announcements are received. They may change. */
  readonly interfaces: () => readonly string[]
}

/** Largest datagram that is read, in bytes, and how many in a second: what floods the network costs no more. */
const maxDatagramBytes = 16_384
const maxPerSecond = 50
/** How often networks that came later are joined, in ms. */
const joinMs = 60_000

/**
 * Receives `Hello` and `Bye` of WS-Discovery. It sends nothing, and is bound to the multicast group, so that no datagram that is sent
 * to this machine itself reaches it. Where the port is not available, cameras are watched all the same.
 */
export class AnnouncementListener {
  /** Datagrams that were no announcement of a camera, or came too fast. */
  ignored = 0
  readonly #settings: ListenerSettings
  readonly #onAnnouncement: (announcement: Announcement, from: string) => void
  readonly #logger: Logger
  readonly #joined = new Set<string>()
  #socket: Socket | undefined
  #joining: NodeJS.Timeout | undefined
  #second = 0
  #inSecond = 0

  constructor(
    settings: ListenerSettings,
    onAnnouncement: (announcement: Announcement, from: string) => void,
    logger: Logger,
  ) {
    this.#settings = settings
    this.#onAnnouncement = onAnnouncement
    this.#logger = logger
  }

  /** Resolves once it listens, or cannot. */
  async start(): Promise<void> {
    const { port, group } = this.#settings
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    this.#socket = socket
    socket.on('message', (message, from) => this.#receive(message, from.address))
    socket.bind(port, group)
    try {
      await once(socket, 'listening')
    } catch (err) {
      this.#socket = undefined
      socket.close()
      this.#logger.warn({ err, port }, 'announcements of cameras are not received')
      return
    }
    socket.on('error', (err) => this.#logger.debug({ err }, 'error on the socket of announcements'))
    this.#join(socket)
    this.#joining = setInterval(() => this.#join(socket), joinMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#joining)
    const socket = this.#socket
    this.#socket = undefined
    if (socket) await new Promise<void>((resolve) => socket.close(resolve))
  }

  #join(socket: Socket): void {
    const current = this.#settings.interfaces()
    for (const address of this.#joined) if (!current.includes(address)) this.#joined.delete(address)
    for (const address of current) {
      if (this.#joined.has(address)) continue
      try {
        socket.addMembership(this.#settings.group, address)
        this.#joined.add(address)
      } catch (err) {
        this.#logger.debug({ err, address }, 'announcements of one network are not received')
      }
    }
  }

  #receive(message: Buffer, from: string): void {
    const second = Math.floor(performance.now() / 1_000)
    if (second !== this.#second) [this.#second, this.#inSecond] = [second, 0]
    const isReadable = message.length <= maxDatagramBytes && ++this.#inSecond <= maxPerSecond
    const announcement = isReadable ? announcementOf(message.toString('utf8'), from) : undefined
    if (announcement) this.#onAnnouncement(announcement, from)
    else this.ignored += 1
  }
}
