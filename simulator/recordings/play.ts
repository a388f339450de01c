import { setTimeout as sleep } from 'node:timers/promises'
import { IocError } from '@ioc/contract/errors.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { Outbox } from '@ioc/uplink/outbox/outbox.ts'
import { Uplink } from '@ioc/uplink/uplink.ts'
import { type RecordingSummary, readRecording } from './recording.ts'
import type { RecordingMap } from './recording-map.ts'

export interface PlaySettings {
  readonly file: string
  readonly map: RecordingMap
  readonly summary: RecordingSummary
  readonly address: NodeAddress
  readonly password: string
  readonly url: string
  /** Folder of its outbox: of this recording and this node alone. */
  readonly folder: string
  /** How many times as fast as it was recorded; `undefined` for as fast as it is acknowledged. */
  readonly speed: number | undefined
  /** Added to each time, in ms. */
  readonly shiftMs: number
  readonly signal: AbortSignal
}

export interface Played {
  readonly records: number
  readonly messages: number
  /** Whether all of it is acknowledged. */
  readonly isComplete: boolean
}

const maxRecordsPerMessage = 1_000
/** A recording may have many columns: with so many values, a message is half as large as the broker accepts. */
const maxValuesPerMessage = 5_000
const maxQueued = 20
const replayPerSecond = 1_000
const pauseMs = 5
/** Longest wait for the first connection, in ms. */
const connectTimeoutMs = 30_000
const outboxMaxBytes = 256e6
const outboxMaxAgeMs = 90 * 86_400_000

/**
 * Plays a recording as an agent does: outbox, uplink, acknowledgements. How many rows are queued is saved with them, so that
 * it goes on there after any end.
 * @throws IocError BROKER_UNREACHABLE, FOLDER_UNUSABLE, DISK_FULL
 */
export async function play(settings: PlaySettings, logger: Logger): Promise<Played> {
  const { address, password, url, folder, summary, speed, shiftMs, signal } = settings
  const outbox = new Outbox({ folder, maxBytes: outboxMaxBytes, maxAgeMs: outboxMaxAgeMs }, logger)
  const birth = () => ({
    agent: { version: 'replay', host: 'replay' },
    devices: summary.devices.map(({ id, type }) => ({ id, ...(type === undefined ? {} : { type }) })),
  })
  const uplink = new Uplink(
    { url, address, password: () => password, replayPerSecond, birth },
    outbox,
    () => undefined,
    logger,
  )
  outbox.start()
  uplink.start()
  let records = 0
  try {
    const deadline = performance.now() + connectTimeoutMs
    while (!uplink.connected && !signal.aborted) {
      if (performance.now() > deadline) {
        const who = `${address.site}/${address.node}`
        throw new IocError(
          'BROKER_UNREACHABLE',
          `cannot connect to ${url} as ${who}: check the broker and the password`,
        )
      }
      await pause(pauseMs, signal)
    }
    const started = performance.now()
    const done = outbox.position('telemetry') ?? 0
    let waiting: MeasurementRecord[] = []
    let values = 0
    let first: number | undefined
    const flush = async (position: number) => {
      while (outbox.queued >= maxQueued && !signal.aborted) await pause(pauseMs, signal)
      if (waiting.length === 0 || signal.aborted) return
      outbox.put(waiting, { position, past: speed === undefined })
      records += waiting.length
      waiting = []
      values = 0
      uplink.notify()
    }
    for await (const row of readRecording(settings.file, settings.map)) {
      if (row.number <= done) continue
      if (signal.aborted) break
      first ??= row.ts
      if (speed !== undefined) await pause((row.ts - first) / speed - (performance.now() - started), signal)
      for (const record of row.records) {
        waiting.push({ ...record, ts: row.ts + shiftMs })
        values += Object.keys(record.values).length
      }
      const isFull = waiting.length >= maxRecordsPerMessage || values >= maxValuesPerMessage
      if (isFull || speed !== undefined || row.number === summary.rows) await flush(row.number)
    }
    while (outbox.queued > 0 && !signal.aborted) await pause(pauseMs, signal)
    return { records, messages: uplink.sent, isComplete: !signal.aborted && outbox.queued === 0 }
  } finally {
    await uplink.stop()
    outbox.stop()
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined)
}
