import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { generate } from 'mqtt-packet'
import type { Credential } from './centre.ts'

export interface LoadNode {
  readonly site: string
  readonly node: string
  readonly credential: Credential
}

export interface LoadOptions {
  readonly port: number
  readonly nodes: readonly LoadNode[]
  /** Devices of each node, a multiple of `recordsPerMessage`; messages carry a record of each in turn. */
  readonly devices: number
  readonly recordsPerMessage: number
  /** Unacknowledged messages of each node, at most. */
  readonly window: number
  readonly durationMs: number
  /** Messages a second over all nodes; absent for as fast as they are acknowledged. */
  readonly messagesPerSecond?: number
  /** Messages of each node, at most. */
  readonly maxMessages?: number
}

export interface LoadResult {
  readonly messages: number
  readonly points: number
  readonly seconds: number
}

/**
 * Publishes telemetry at QoS 1 from many nodes and resolves when all of it is acknowledged. Bytes are written to plain
 * sockets, so that on a small machine the load costs little beside what is measured.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const started = performance.now()
  const end = started + options.durationMs
  const rate = options.messagesPerSecond === undefined ? undefined : options.messagesPerSecond / options.nodes.length
  const sent = await Promise.all(options.nodes.map((node) => runNode(node, options, end, rate)))
  const messages = sent.reduce((sum, count) => sum + count, 0)
  return { messages, points: messages * options.recordsPerMessage, seconds: (performance.now() - started) / 1000 }
}

async function runNode(
  { site, node, credential }: LoadNode,
  options: LoadOptions,
  end: number,
  rate: number | undefined,
): Promise<number> {
  const socket = await openSession(options.port, `load-${site}-${node}`, credential)
  const topic = Buffer.from(nodeTopic({ site, node }, 'telemetry'))
  const epoch = `load${Date.now().toString(36)}`
  const { maxMessages = Number.POSITIVE_INFINITY } = options
  const started = performance.now()
  let seq = 0
  let ts = 0
  let acknowledged = 0
  let wake: () => void = () => undefined
  socket.on('data', (chunk: Buffer) => {
    // After CONNACK there is nothing but PUBACKs, of four bytes each.
    acknowledged += chunk.length / 4
    wake()
  })
  const failed = once(socket, 'close').then(() => {
    if (performance.now() < end) throw new Error(`${site}/${node}: connection closed under load`)
  })
  failed.catch(() => wake())

  while (performance.now() < end && seq < maxMessages) {
    const room = Math.min(maxMessages - seq, options.window - (seq - Math.floor(acknowledged)))
    const due =
      rate === undefined ? room : Math.min(room, Math.floor(((performance.now() - started) / 1000) * rate) - seq)
    if (due <= 0) {
      await (rate === undefined ? new Promise<void>((resolve) => (wake = resolve)) : sleep(2))
      if (socket.destroyed) await failed
      continue
    }
    const frames: Buffer[] = []
    for (let index = 0; index < due; index++) {
      // A round over the devices shares a time; the next round has a later one, so that no point replaces another.
      const roundEnds = seq % (options.devices / options.recordsPerMessage) === 0
      ts = Math.max(Date.now(), roundEnds ? ts + 1 : ts)
      seq++
      frames.push(publishFrame(topic, (seq % 65_535) + 1, payload(epoch, seq, ts, options)))
    }
    socket.write(Buffer.concat(frames))
  }
  while (acknowledged < seq && !socket.destroyed) await new Promise<void>((resolve) => (wake = resolve))
  socket.end(generate({ cmd: 'disconnect' }))
  await failed.catch(() => undefined)
  return seq
}

async function openSession(port: number, clientId: string, { username, password }: Credential): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => undefined)
  socket.write(
    generate({
      cmd: 'connect',
      clientId,
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 0,
      username,
      password: Buffer.from(password),
    }),
  )
  const [connack] = (await once(socket, 'data')) as [Buffer]
  if (connack[3] !== 0) throw new Error(`refused with code ${connack[3]}`)
  return socket
}

/** PUBLISH at QoS 1 (MQTT 3.1.1 §3.3). */
function publishFrame(topic: Buffer, packetId: number, body: string): Buffer {
  const bodyBytes = Buffer.byteLength(body)
  let remaining = 2 + topic.length + 2 + bodyBytes
  const head = [0x32]
  do {
    const byte = remaining % 128
    remaining = Math.floor(remaining / 128)
    head.push(remaining > 0 ? byte | 0x80 : byte)
  } while (remaining > 0)
  head.push(topic.length >> 8, topic.length & 0xff)
  const frame = Buffer.allocUnsafe(head.length + topic.length + 2 + bodyBytes)
  frame.set(head, 0)
  topic.copy(frame, head.length)
  frame.writeUInt16BE(packetId, head.length + topic.length)
  frame.write(body, head.length + topic.length + 2)
  return frame
}

function payload(epoch: string, seq: number, ts: number, { devices, recordsPerMessage }: LoadOptions): string {
  let records = ''
  for (let index = 0; index < recordsPerMessage; index++) {
    const device = (seq * recordsPerMessage + index) % devices
    const cpu = ((seq * 7 + index) % 400) / 4
    records += `${index === 0 ? '' : ','}{"device":"d${device}","ts":${ts},"type":"system","values":{"cpu_percent":${cpu},"memory_used_percent":${100 - cpu}}}`
  }
  return `{"epoch":"${epoch}","seq":${seq},"sent":${Date.now()},"records":[${records}]}`
}
