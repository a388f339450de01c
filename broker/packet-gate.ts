import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Client } from 'aedes'
import { generate, type Packet } from 'mqtt-packet'
import { createPacketGuard } from './packet-guard.ts'
import { createBucket } from './rate.ts'

export interface PacketLimits {
  readonly maxPacketBytes: number
  /** Filters of one SUBSCRIBE or UNSUBSCRIBE. */
  readonly maxFilters: number
  /** Packets, and filters of packets, of one client a second. */
  readonly maxPerSecond: number
}

export interface PacketEvents {
  /** Each PUBLISH, before Aedes sees it. */
  onPublish(packet: Packet & { cmd: 'publish' }): void
  onTooManyFilters(count: number): void
}

/** What Aedes has and its types do not: the parser of each client. */
interface Parsing {
  readonly _parser: EventEmitter
}

/**
 * Bounds what one connection can make the broker do: the size of a packet, the filters of a packet, and packets and
 * filters a second. Beyond the rate its socket is not read for a while, so that it waits and the others do not; a packet
 * of too many filters is answered with a failure for each, without looking at them.
 */
export function gatePackets(client: Client, limits: PacketLimits, events: PacketEvents): void {
  const socket = client.conn as Socket
  const parser = (client as unknown as Parsing)._parser
  const accepts = createPacketGuard(limits.maxPacketBytes)
  const bucket = createBucket(limits.maxPerSecond)
  const read = socket.read.bind(socket)
  let resume: NodeJS.Timeout | undefined
  let waiting: Packet[] = []
  let dispatched = 0
  let turning: NodeJS.Immediate | undefined

  socket.once('close', () => {
    clearTimeout(resume)
    clearImmediate(turning)
    waiting = []
  })
  socket.read = (size?: number) => {
    if (size === 0) return read(0)
    if (waiting.length > 0) return null
    const wait = bucket.waitMs()
    if (wait > 0) {
      resume ??= setTimeout(() => {
        resume = undefined
        socket.emit('readable')
      }, wait)
      return null
    }
    const chunk = read(size) as Buffer | null
    if (chunk === null || accepts(chunk)) return chunk
    socket.destroy(new Error(`packet larger than ${limits.maxPacketBytes} bytes`))
    return null
  }

  const [dispatch] = parser.listeners('packet')
  if (!dispatch) throw new Error('this version of aedes parses packets differently')
  parser.removeAllListeners('packet')
  parser.on('packet', (packet: Packet) => {
    const filters = filtersOf(packet)
    bucket.charge(1 + filters)
    if (filters > limits.maxFilters) {
      events.onTooManyFilters(filters)
      refuseFilters(client, packet, filters)
      return
    }
    if (packet.cmd === 'publish') events.onPublish(packet)
    turning ??= setImmediate(turn)
    if (dispatched < maxPacketsPerTurn) pass(packet)
    else waiting.push(packet)
  })

  function pass(packet: Packet): void {
    dispatched++
    dispatch?.call(parser, packet)
  }

  /** What one read brought beyond the packets of a turn, in the next ones; only then is there another read. */
  function turn(): void {
    turning = undefined
    dispatched = 0
    // What Aedes has closed takes nothing more.
    if (waiting.length === 0 || client.closed) return
    for (const packet of waiting.splice(0, maxPacketsPerTurn)) pass(packet)
    if (waiting.length > 0) turning = setImmediate(turn)
    else socket.emit('readable')
  }
}

/** Packets of one connection in a turn of the event loop: 64 KiB may hold thousands, for which the others would wait. */
const maxPacketsPerTurn = 32

function filtersOf(packet: Packet): number {
  if (packet.cmd === 'subscribe') return packet.subscriptions.length
  return packet.cmd === 'unsubscribe' ? packet.unsubscriptions.length : 0
}

/** 0x80 for each filter [MQTT-3.9.3-2]. An UNSUBACK cannot fail, nor can anything be answered before CONNACK. */
function refuseFilters(client: Client, packet: Packet, filters: number): void {
  const socket = client.conn as Socket
  if (packet.cmd !== 'subscribe' || !client.connected) return void socket.destroy()
  const granted = Array.from({ length: filters }, () => 0x80)
  socket.write(generate({ cmd: 'suback', messageId: packet.messageId ?? 0, granted }))
}
