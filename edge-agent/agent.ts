import { hostname } from 'node:os'
import { join } from 'node:path'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import type { Downlink } from '@ioc/uplink/downlink.ts'
import { Outbox } from '@ioc/uplink/outbox/outbox.ts'
import { Uplink } from '@ioc/uplink/uplink.ts'
import type { Collector } from './collectors/collector.ts'
import { createSchedule } from './collectors/schedule.ts'
import { collectors } from './collectors/table.ts'
import { findIdentity } from './credential.ts'
import type { AgentOptions } from './options.ts'
import { pinnedStream } from './pinned-stream.ts'
import { keepRunState } from './run-state.ts'
import { version } from './version.ts'

/** Longest that stopping waits for a measurement that is under way, in ms. */
const lastCollectionMs = 2_000

/**
 * Starts an agent: collectors fill the outbox, the uplink empties it.
 * @throws IocError OPTION_INVALID, NAME_INVALID, FOLDER_UNUSABLE, DISK_FULL
 */
export async function startAgent(options: AgentOptions, logger: Logger): Promise<Running> {
  const identity = await findIdentity(options, logger)
  const { address } = identity
  const url = options.mqttUrl || identity.url || `mqtt://127.0.0.1:${options.mqttPort}`
  const host = hostname()
  const running = collectors.map((create) => create({ address, host }))
  let cadenceMs = options.agentCadenceMs
  const folder = options.agentDataDir || join(options.dataDir, 'edge-agent')

  const outbox = new Outbox(
    {
      folder,
      maxBytes: options.outboxMaxMb * 1e6,
      maxAgeMs: options.outboxMaxAgeH * 3_600_000,
    },
    logger,
  )
  const uplink = new Uplink(
    {
      url,
      openStream: await pinnedStream(url, identity.ca),
      address,
      password: () => identity.password(),
      replayPerSecond: options.replayPerSecond,
      birth: () => ({
        agent: { version, host },
        ...(options.area === '' ? {} : { area: options.area }),
        devices: running.flatMap((collector) =>
          collector.devices().map((device) => ({ ...device, cadence_s: cadenceMs / 1000 })),
        ),
      }),
    },
    outbox,
    follow,
    logger,
  )
  const schedule = createSchedule(
    running,
    cadenceMs,
    (records) => {
      outbox.put(withTypes(records, running))
      uplink.notify()
    },
    logger,
  )

  function follow(downlink: Downlink): void {
    if (downlink.kind === 'collect') schedule.collectNow()
    if (downlink.kind !== 'cadence') return
    const wanted = downlink.ms ?? options.agentCadenceMs
    if (wanted === cadenceMs) return
    cadenceMs = wanted
    logger.info({ cadence_ms: wanted }, 'cadence changed')
    schedule.setCadence(wanted)
    uplink.announce()
  }

  outbox.start()
  uplink.start()
  schedule.start()
  const endRunState = keepRunState(folder, () => ({
    connected: uplink.connected,
    queued: outbox.queued,
    sent: uplink.sent,
  }))
  return {
    async stop() {
      endRunState()
      await Promise.race([schedule.stop(), new Promise((resolve) => setTimeout(resolve, lastCollectionMs).unref())])
      await uplink.stop()
      outbox.stop()
    },
    gauges: () => ({
      queued: outbox.queued,
      lost: outbox.lost + outbox.unnumbered,
      sent: uplink.sent,
      connected: uplink.connected ? 1 : 0,
    }),
  }
}

/** A record carries the type of its device, so that it is stored under it whether or not the birth is known by then. */
function withTypes(records: readonly MeasurementRecord[], running: readonly Collector[]): MeasurementRecord[] {
  const types = new Map(running.flatMap((collector) => collector.devices()).map(({ id, type }) => [id, type]))
  return records.map((record) => {
    const type = record.type ?? types.get(record.device)
    return type === undefined ? record : { ...record, type }
  })
}
