import { connect, type Socket } from 'node:net'
import type { Connection, Forgotten } from '@ioc/ingest-log/broker-records.ts'
import { decodePayload } from '@ioc/ingest-log/broker-records.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import type { Credential } from '@ioc/runtime/credential-file.ts'
import type { MqttClient } from 'mqtt'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'

/** A client as bare packets: it does what a client library would not, such as sending one twice, or reading nothing. */
export interface RawClient {
  readonly socket: Socket
  send(...packets: readonly Packet[]): void
  /** The next packet that the broker sends, in order. */
  next(): Promise<Packet>
  /** Resolves when the broker ends the connection. */
  readonly closed: Promise<unknown>
}

export function rawClient(port: number): RawClient {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  const arrived: Packet[] = []
  const waiting: ((packet: Packet) => void)[] = []
  const packets = parser()
  packets.on('packet', (packet) => {
    const first = waiting.shift()
    if (first) first(packet)
    else arrived.push(packet)
  })
  socket.on('data', (chunk) => packets.parse(chunk))
  return {
    socket,
    send: (...sent) => void socket.write(Buffer.concat(sent.map((packet) => generate(packet)))),
    next: () => {
      const packet = arrived.shift()
      return packet ? Promise.resolve(packet) : new Promise((resolve) => waiting.push(resolve))
    },
    closed: new Promise((resolve) => socket.once('close', resolve)),
  }
}

export function connectPacket(credential: Credential, options: Partial<IConnectPacket> = {}): IConnectPacket {
  return {
    cmd: 'connect',
    clientId: 'raw',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 0,
    username: credential.username,
    password: Buffer.from(credential.password),
    ...options,
  }
}

/** A raw client that has logged in. */
export async function rawConnect(
  port: number,
  credential: Credential,
  options: Partial<IConnectPacket> = {},
): Promise<RawClient> {
  const client = rawClient(port)
  client.send(connectPacket(credential, options))
  const connack = await client.next()
  if (connack.cmd !== 'connack' || connack.returnCode !== 0) throw new Error(JSON.stringify(connack))
  return client
}

/** A connection that the broker resets ends in an error first, which is not what a test waits for. */
export function closed(client: MqttClient): Promise<void> {
  client.on('error', () => undefined)
  return new Promise((resolve) => client.once('close', () => resolve()))
}

export function nextMessage(client: MqttClient): Promise<Buffer> {
  return new Promise((resolve) => client.once('message', (_topic, payload) => resolve(payload)))
}

/** The numbers of logged messages. */
export function seqs(records: readonly LogRecord[]): number[] {
  return records.map(({ payload }) => (JSON.parse(Buffer.from(payload).toString()) as { seq: number }).seq)
}

/** What the broker recorded, each as a text: `site/node connected`, `site/node disconnected`, `started`, `… forgotten`. */
export function described(records: readonly LogRecord[]): string[] {
  return records.map(({ kind, site, node, payload }) => {
    if (kind === 'forgotten') {
      const { device } = decodePayload<Forgotten>(payload)
      return device === undefined ? `${site}/${node} forgotten` : `${site} ${device} forgotten`
    }
    if (site === '' && node === '') return 'started'
    return `${site}/${node} ${decodePayload<Connection>(payload).connected ? 'connected' : 'disconnected'}`
  })
}
