import { hostname } from 'node:os'
import { join } from 'node:path'
import type { FlowsReport } from '@ioc/contract/messages/node-report.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import type { Downlink } from '@ioc/uplink/downlink.ts'
import { Outbox } from '@ioc/uplink/outbox/outbox.ts'
import { Uplink } from '@ioc/uplink/uplink.ts'
import { configFileName, createCollector } from './collectors/create.ts'
import { Schedule } from './collectors/schedule.ts'
import { readConfig } from './config/config.ts'
import { findIdentity } from './credential.ts'
import { createNodeRed } from './node-red/of-agent.ts'
import { type AgentOptions, agentFolder } from './options.ts'
import { pinnedStream } from './pinned-stream.ts'
import { writeStatus } from './status-file.ts'
import { version } from './version.ts'

/** Time between two births that only report changed collectors or devices, in ms, at least. */
const minAnnounceMs = 10_000
/** Time between two notes of the status for the status command, in ms. */
const statusMs = 10_000

/**
 * Starts an agent: collectors fill the outbox, the uplink empties it.
 * @throws IocError OPTION_INVALID, NAME_INVALID, FOLDER_UNUSABLE, DISK_FULL, AGENT_CONFIG_INVALID
 */
export async function startAgent(options: AgentOptions, logger: Logger): Promise<Running> {
  const identity = await findIdentity(options, logger)
  const { address } = identity
  const url = options.mqttUrl || identity.url || `mqtt://127.0.0.1:${options.mqttPort}`
  const host = hostname()
  const folder = agentFolder(options)
  const config = await readConfig(join(folder, configFileName))
  let cadenceMs = options.agentCadenceMs

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
        devices: devices(),
        collectors: schedule.states(),
        ...flowsOf(nodeRed.report()),
      }),
      onAcknowledged: (epoch, seqs) => nodeRed.acknowledged(epoch, seqs),
    },
    outbox,
    follow,
    logger,
  )
  const schedule = new Schedule(
    config.collectors.map((entry) => ({
      id: entry.id,
      type: entry.kind.type,
      cadenceMs: entry.cadenceS === undefined ? undefined : entry.cadenceS * 1000,
      timeoutMs: entry.timeoutS * 1000,
      isPeriodic: entry.kind.isPeriodic,
      create: async () => {
        const collector = await createCollector(entry, { address, host, folder, allowExec: options.allowExec, logger })
        return nodeRed.tap(entry.id, collector)
      },
    })),
    cadenceMs,
    {
      emit({ measurements = [], cases = [], past = false }) {
        const seqs = [
          ...(measurements.length > 0 ? [outbox.put(withTypes(measurements, devices()), { past })] : []),
          ...(cases.length > 0 ? [outbox.putCases(cases, { past })] : []),
        ]
        uplink.notify()
        return seqs.every((seq) => seq !== undefined)
      },
      changed: announceSoon,
    },
    logger,
  )

  /** What flows send is queued beside what collectors measure. */
  const queued = (seq: number | undefined) => {
    uplink.notify()
    return seq === undefined ? undefined : { epoch: outbox.epoch, seq }
  }
  const nodeRed = createNodeRed(
    options,
    {
      put: (records) => queued(outbox.put(withTypes(records, devices()))),
      putCases: (records) => queued(outbox.putCases(records)),
      isQueued: ({ epoch, seq }) => epoch === outbox.epoch && outbox.get(seq) !== undefined,
    },
    announceSoon,
    logger,
  )

  /** Of two declarations of one device that of the collector counts. */
  function devices(): DeviceBirth[] {
    const collected = schedule.devices()
    const ids = new Set(collected.map(({ id }) => id))
    return [...collected, ...nodeRed.devices().filter(({ id }) => !ids.has(id))]
  }

  /** Collectors that fail and recover in turn do not fill the log of the centre with births. */
  let announcement: NodeJS.Timeout | undefined
  let announcedAt = performance.now()
  function announceSoon(): void {
    noteStatus()
    if (announcement) return
    const wait = Math.max(0, announcedAt + minAnnounceMs - performance.now())
    announcement = setTimeout(() => {
      announcement = undefined
      announcedAt = performance.now()
      uplink.announce()
    }, wait)
  }

  function noteStatus(): void {
    writeStatus(folder, {
      written: Date.now(),
      pid: process.pid,
      connected: uplink.connected,
      queued: outbox.queued,
      collectors: schedule.states(),
      flows: nodeRed.report(),
    })
  }

  function follow(downlink: Downlink): void {
    if (downlink.kind === 'collect') schedule.collectNow()
    if (downlink.kind === 'notice') {
      logger.warn({ code: downlink.code, reason: downlink.reason }, 'refused by the centre')
    }
    if (downlink.kind !== 'cadence') return
    const wanted = downlink.ms ?? options.agentCadenceMs
    if (wanted === cadenceMs) return
    cadenceMs = wanted
    logger.info({ cadence_ms: wanted }, 'cadence changed')
    schedule.setCadence(wanted)
    uplink.announce()
  }

  outbox.start()
  await schedule.prepare()
  uplink.start()
  schedule.start()
  nodeRed.start()
  const statusTimer = setInterval(noteStatus, statusMs)
  return {
    async stop() {
      clearInterval(statusTimer)
      await Promise.all([schedule.stop(), nodeRed.stop()])
      clearTimeout(announcement)
      noteStatus()
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

/** Imports what `startAgent` will, so that all of it is in the compile cache. */
export async function warmUp(options: AgentOptions): Promise<void> {
  const { collectors } = await readConfig(join(agentFolder(options), configFileName))
  await Promise.allSettled(collectors.map(({ kind }) => kind.load()))
}

/** A record carries the type of its device, so that it is stored under it whether or not the birth is known by then. */
function withTypes(records: readonly MeasurementRecord[], devices: readonly DeviceBirth[]): MeasurementRecord[] {
  const types = new Map(devices.map(({ id, type }) => [id, type]))
  return records.map((record) => {
    const type = record.type ?? types.get(record.device)
    return type === undefined ? record : { ...record, type }
  })
}

/** A field of the birth, where there is something to report. */
function flowsOf(flows: FlowsReport | undefined): { readonly flows?: FlowsReport } {
  return flows === undefined ? {} : { flows }
}
