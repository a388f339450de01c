import { nodeTopic } from '@ioc/contract/topics.ts'
import mqtt, { type MqttClient } from 'mqtt'
import type { Credential } from '../harness/centre.ts'

/** A node that numbers its messages, and writes down each one that was acknowledged. */
export interface ChaosPublisher {
  readonly site: string
  readonly node: string
  readonly epoch: string
  readonly acknowledged: Set<number>
  readonly sent: number
  /** Ends when everything that was sent is acknowledged. @throws Error if that takes more than two minutes */
  stop(): Promise<void>
}

const intervalMs = 20
const devices = 3
const patienceMs = 120_000

/**
 * Publishes at a steady rate, and again whatever was not acknowledged: at least once, as an outbox does. Some messages are
 * sent twice on purpose, and some come late.
 */
export function startPublisher(port: number, site: string, node: string, credential: Credential): ChaosPublisher {
  const epoch = `chaos${Date.now().toString(36)}`
  const acknowledged = new Set<number>()
  const unacknowledged = new Map<number, string>()
  let seq = 0
  let stopping = false
  let finished = () => undefined as unknown
  const client: MqttClient = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
    ...credential,
    reconnectPeriod: 100,
    connectTimeout: 2000,
    clean: true,
    queueQoSZero: false,
  })
  client.on('error', () => undefined)

  const publish = (number: number, payload: string): void => {
    if (!client.connected) return
    client.publish(nodeTopic({ site, node }, 'telemetry'), payload, { qos: 1 }, (error) => {
      if (error) return
      acknowledged.add(number)
      unacknowledged.delete(number)
      if (stopping && unacknowledged.size === 0) finished()
    })
  }

  client.on('connect', () => {
    for (const [number, payload] of unacknowledged) publish(number, payload)
  })
  const timer = setInterval(() => {
    seq++
    const late = seq % 7 === 0 ? 30_000 : 0
    const records = Array.from({ length: devices }, (_, index) => ({
      device: `device-${index}`,
      ts: Date.now() - late,
      type: 'system',
      values: { cpu_percent: (seq * 13 + index * 7) % 100, memory_used_percent: seq % 100, disk_used_percent: index },
    }))
    const payload = JSON.stringify({ epoch, seq, sent: Date.now(), records })
    unacknowledged.set(seq, payload)
    publish(seq, payload)
    if (seq % 11 === 0) publish(seq, payload)
  }, intervalMs)
  const again = setInterval(() => {
    // What was in flight when a broker died is never answered by the next one.
    for (const [number, payload] of unacknowledged) if (number < seq - 200) publish(number, payload)
  }, 3000)

  return {
    site,
    node,
    epoch,
    acknowledged,
    get sent() {
      return seq
    },
    async stop() {
      clearInterval(timer)
      stopping = true
      const retry = setInterval(() => {
        for (const [number, payload] of unacknowledged) publish(number, payload)
      }, 1000)
      if (unacknowledged.size > 0) {
        await new Promise((resolve, reject) => {
          finished = () => resolve(undefined)
          setTimeout(
            () =>
              reject(
                new Error(
                  `${site}: ${unacknowledged.size} messages are never acknowledged; connected: ${client.connected}`,
                ),
              ),
            patienceMs,
          ).unref()
        })
      }
      clearInterval(retry)
      clearInterval(again)
      await client.endAsync(true)
    },
  }
}
