import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeAddress } from '@ioc/contract/topics.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { Outbox } from '@ioc/uplink/outbox/outbox.ts'
import { Uplink } from '@ioc/uplink/uplink.ts'

const maxBytes = 64e6
const maxAgeMs = 7 * 86_400_000
/** From which age a message is a replay, in ms of the node's clock. */
const replayAfterMs = 60_000
const replayPerSecond = 1_000

export interface FieldNodeSettings {
  readonly address: NodeAddress
  readonly password: string
  /** Port of the broker, or of what is between. */
  readonly port: number
  readonly devices: readonly string[]
  readonly cadence_s: number
  readonly now: () => number
}

/** An agent's outbox and uplink, with air-quality stations that measure by a clock of the test. */
export interface FieldNode {
  /** Devices that measure no more. */
  readonly dead: Set<string>
  /** Times of the measurements of all devices, in ms since 1970. */
  readonly measured: readonly number[]
  readonly queued: number
  /** Each device that is not dead measures once. */
  measure(): void
  stop(): Promise<void>
}

export function startFieldNode(settings: FieldNodeSettings): FieldNode {
  const { address, password, port, devices, cadence_s, now } = settings
  const logger = createLogger('node', { logLevel: 'silent' })
  const folder = mkdtempSync(join(tmpdir(), 'ioc-node-'))
  const outbox = new Outbox({ folder, maxBytes, maxAgeMs, clock: { now, uptime: now, boot: 'test' } }, logger)
  const birth = () => ({
    agent: { version: '1', host: address.site },
    devices: devices.map((id) => ({ id, type: 'air_quality', cadence_s })),
  })
  const backoff = { minMs: 100, maxMs: 500, refusedMs: 500 }
  const url = `mqtt://127.0.0.1:${port}`
  const uplink = new Uplink(
    { url, address, password: () => password, replayPerSecond, birth, replayAfterMs, backoff },
    outbox,
    () => undefined,
    logger,
  )
  outbox.start()
  uplink.start()
  const dead = new Set<string>()
  const measured: number[] = []
  return {
    dead,
    measured,
    get queued() {
      return outbox.queued
    },
    measure() {
      const ts = now()
      const alive = devices.filter((device) => !dead.has(device))
      outbox.put(
        alive.map((device, index) => ({
          ...{ device, ts, type: 'air_quality' },
          values: { pm25: 10 + ((measured.length * 7 + index * 3) % 17) },
        })),
      )
      measured.push(ts)
      uplink.notify()
    },
    async stop() {
      await uplink.stop()
      outbox.stop()
    },
  }
}
