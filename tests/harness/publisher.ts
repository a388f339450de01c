import { setTimeout as sleep } from 'node:timers/promises'
import { nodeTopic } from '@ioc/contract/topics.ts'
import mqtt, { type MqttClient } from 'mqtt'
import type { Credential } from './centre.ts'

/** A node that numbers its messages, and writes down each one that was acknowledged. */
export interface HonestPublisher {
  readonly site: string
  readonly node: string
  readonly epoch: string
  readonly acknowledged: Set<number>
  readonly sent: number
  /** Longest time from a PUBLISH to its PUBACK, in ms. */
  readonly slowestAckMs: number
  /** Ends when everything that was sent is acknowledged. @throws Error if that takes more than two minutes */
  stop(): Promise<void>
}

interface Message {
  /** ms since 1970, UTC */
  readonly made: number
  readonly records: readonly unknown[]
}

const intervalMs = 20
const devices = 3
/** Unanswered messages on one connection, at most: a window that is not bounded becomes a storm at each reconnection. */
const window = 100
const reconnectMs = 100
/** From which age a message is marked as a replay, in ms. */
const replayAfterMs = 500
const patienceMs = 120_000

/**
 * Publishes at a steady rate, and again on the next connection whatever was not acknowledged on the last: at least once,
 * as an outbox does; what has waited is marked as a replay. Some messages are sent twice on purpose, and some measurements come late.
 */
export function startPublisher(port: number, site: string, node: string, credential: Credential): HonestPublisher {
  const epoch = `chaos${Date.now().toString(36)}`
  const topic = nodeTopic({ site, node }, 'telemetry')
  const acknowledged = new Set<number>()
  const unacknowledged = new Map<number, Message>()
  let seq = 0
  let slowestAckMs = 0
  let stopping = false
  let wake: () => void = () => undefined

  const timer = setInterval(() => {
    seq++
    // Even, and odd if late: of two measurements at the same time the store would keep the one that is read last.
    const ts = seq % 7 === 0 ? (Math.floor(Date.now() / 2) - 15_000) * 2 + 1 : Math.floor(Date.now() / 2) * 2
    const records = Array.from({ length: devices }, (_, index) => ({
      device: `device-${index}`,
      ts,
      type: 'system',
      values: { cpu_percent: (seq * 13 + index * 7) % 100, memory_used_percent: seq % 100, disk_used_percent: index },
    }))
    unacknowledged.set(seq, { made: Date.now(), records })
    wake()
  }, intervalMs)

  const done = () => stopping && unacknowledged.size === 0

  /** Sends what is unacknowledged until the connection ends. A client of its own, so that no library repeats anything. */
  async function useConnection(client: MqttClient): Promise<void> {
    let open = true
    client.once('close', () => {
      open = false
      wake()
    })
    const tried = new Set<number>()
    let inFlight = 0
    while (open && !done()) {
      for (const [number, { made, records }] of unacknowledged) {
        if (inFlight >= window) break
        if (tried.has(number)) continue
        tried.add(number)
        inFlight++
        const sent = Date.now()
        const published = performance.now()
        const payload = JSON.stringify({ epoch, seq: number, sent, replay: sent - made > replayAfterMs, records })
        client.publish(topic, payload, { qos: 1 }, (error) => {
          inFlight--
          if (!error) {
            slowestAckMs = Math.max(slowestAckMs, performance.now() - published)
            acknowledged.add(number)
            unacknowledged.delete(number)
          }
          wake()
        })
        if (number % 11 === 0) client.publish(topic, payload, { qos: 1 }, () => undefined)
      }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    client.end(true)
  }

  const running = (async () => {
    while (!done()) {
      const client = await mqtt
        .connectAsync(`mqtt://127.0.0.1:${port}`, { ...credential, reconnectPeriod: 0, connectTimeout: 5000 }, false)
        .catch(() => undefined)
      client?.on('error', () => undefined)
      if (client) await useConnection(client)
      else await sleep(reconnectMs)
    }
  })()

  return {
    site,
    node,
    epoch,
    acknowledged,
    get sent() {
      return seq
    },
    get slowestAckMs() {
      return slowestAckMs
    },
    async stop() {
      clearInterval(timer)
      stopping = true
      wake()
      const patience = sleep(patienceMs, 'late', { ref: false })
      if ((await Promise.race([running, patience])) === 'late')
        throw new Error(`${site}: ${unacknowledged.size} messages are never acknowledged`)
    },
  }
}
