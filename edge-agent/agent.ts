import { hostname } from 'node:os'
import { join } from 'node:path'
import { secretPlaceOf } from '@ioc/contract/messages/node-command.ts'
import type { CollectorState, DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { username } from '@ioc/contract/topics.ts'
import { LogTail } from '@ioc/runtime/log-tail.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { ensureFolder, type Running } from '@ioc/runtime/process.ts'
import type { Downlink } from '@ioc/uplink/downlink.ts'
import { Outbox } from '@ioc/uplink/outbox/outbox.ts'
import { Uplink } from '@ioc/uplink/uplink.ts'
import { configFileName } from './collectors/create.ts'
import { Gather } from './collectors/gather.ts'
import { Schedule } from './collectors/schedule.ts'
import { readConfig } from './config/config.ts'
import { findIdentity } from './credential.ts'
import { FlowsPart, hasFlows } from './node-red/flows-part.ts'
import { type AgentOptions, agentFolder } from './options.ts'
import { pinnedStream } from './pinned-stream.ts'
import { CollectorsPart } from './remote/collectors-part.ts'
import { type CommandTargets, followCommand } from './remote/node-commands.ts'
import { RemoteConfig } from './remote/remote-config.ts'
import { readSealKey } from './remote/seal-key.ts'
import { sealOpener } from './remote/seals.ts'
import { UplinkPart } from './remote/uplink-part.ts'
import { type AgentStatus, writeStatus } from './status-file.ts'
import { isOnTrial, launcherFolder, restartThroughLauncher } from './update/restart.ts'
import { Updater } from './update/updater.ts'
import { version } from './version.ts'

/** Time between two births that only report changed collectors or devices, in ms, at least. */
const minAnnounceMs = 10_000
/** Time between two notes of the status for the status command, in ms; on trial, for the launcher. */
const statusMs = 10_000
/** Time in which changes of many collectors become one note of the status, in ms. */
const noteDelayMs = 200
const trialStatusMs = 1_000

/**
 * Starts an agent: collectors fill the outbox, the uplink empties it, and the centre configures both.
 * @throws IocError OPTION_INVALID, NAME_INVALID, FOLDER_UNUSABLE, DISK_FULL, AGENT_CONFIG_INVALID
 */
export async function startAgent(options: AgentOptions, logger: Logger, tail = new LogTail()): Promise<Running> {
  const identity = await findIdentity(options, logger)
  const { address } = identity
  const url = options.mqttUrl || identity.url || `mqtt://127.0.0.1:${options.mqttPort}`
  const host = hostname()
  const folder = ensureFolder(agentFolder(options))
  const sealKey = await readSealKey(options.dataDir)
  tail.addSecret(identity.password())

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
      onBorn() {
        if (identity.decide(true)) logger.info('the new password is in force')
        uplinkPart.born()
      },
      onRefused() {
        if (identity.decide(false)) logger.error('the broker refused the new password: the one before is used')
      },
      replayPerSecond: options.replayPerSecond,
      birth() {
        const { types } = collectors
        return {
          agent: { version, host },
          ...(options.area === '' ? {} : { area: options.area }),
          devices: devices(),
          ...(types.length === 0 ? {} : { types: [...types] }),
          seal_key: sealKey.announced,
          ...reports(),
        }
      },
      onAcknowledged: (epoch, seqs) => flows.acknowledged(epoch, seqs),
    },
    outbox,
    follow,
    logger,
  )
  /** What collectors measure and what flows send is queued alike. */
  const queued = (seq: number | undefined) => {
    uplink.notify()
    return seq === undefined ? undefined : { epoch: outbox.epoch, seq }
  }
  const put = (records: readonly MeasurementRecord[], past: boolean) =>
    queued(outbox.put(withTypes(records, devices()), { past })) !== undefined
  const live = new Gather((records) => put(records, false))
  const schedule = new Schedule(
    options.agentCadenceMs,
    {
      async emit({ measurements = [], cases = [], past = false }) {
        const areMeasurementsQueued =
          measurements.length === 0 || (past ? put(measurements, true) : await live.add(measurements))
        const areCasesQueued = cases.length === 0 || queued(outbox.putCases(cases, { past })) !== undefined
        return areMeasurementsQueued && areCasesQueued
      },
      changed: announceSoon,
    },
    logger,
  )
  const open = sealOpener({ folder, privateKey: sealKey.private, name: username(address) }, logger)
  const flows = new FlowsPart(
    options,
    {
      outbox: {
        put: (records) => queued(outbox.put(withTypes(records, devices()))),
        putCases: (records) => queued(outbox.putCases(records)),
        isQueued: ({ epoch, seq }) => epoch === outbox.epoch && outbox.get(seq) !== undefined,
      },
      open,
      onSecret: (secret) => tail.addSecret(secret),
      redact: (text) => tail.redact(text),
      changed: announceSoon,
    },
    logger,
  )
  const collectors = new CollectorsPart(
    {
      context: { address, host, folder, allowExec: options.allowExec, logger },
      cadenceMs: options.agentCadenceMs,
      open,
      tap: (id, collector) => flows.tap(id, collector),
      onSecret: (secret) => tail.addSecret(secret),
    },
    schedule,
  )
  const uplinkPart = new UplinkPart({ url, ca: identity.ca, confirmMs: options.agentUplinkConfirmMs }, uplink)
  const remote = new RemoteConfig(
    {
      folder,
      version,
      probeMs: options.agentProbeMs,
      redact: (text) => tail.redact(text),
      onReport() {
        noteStatus()
        uplink.announce()
      },
    },
    logger,
  )

  /** Errors of collectors may quote what they sent. */
  function redactedStates(): CollectorState[] {
    return schedule.states().map((state) => {
      return state.error === undefined ? state : { ...state, error: tail.redact(state.error) }
    })
  }

  const updater = new Updater(
    {
      options,
      running: version,
      installed: launcherFolder(),
      isOnTrial: isOnTrial(),
      centre: identity.centre === undefined ? undefined : { address: identity.centre, ca: identity.ca },
      status,
      changed() {
        noteStatus()
        uplink.announce()
      },
      restart() {
        process.once('exit', restartThroughLauncher)
        // As the operating system stops it; Windows has no such signal.
        process.emit('SIGTERM')
      },
    },
    logger,
  )

  /** Of two declarations of one device that of the collector counts. */
  function devices(): DeviceBirth[] {
    const collected = schedule.devices()
    const ids = new Set(collected.map(({ id }) => id))
    return [...collected, ...flows.devices().filter(({ id }) => !ids.has(id))]
  }

  let note: NodeJS.Timeout | undefined
  /** Collectors that fail and recover in turn do not fill the log of the centre with births. */
  let announcement: NodeJS.Timeout | undefined
  let announcedAt = performance.now()
  function announceSoon(): void {
    note ??= setTimeout(noteStatus, noteDelayMs)
    if (announcement) return
    const wait = Math.max(0, announcedAt + minAnnounceMs - performance.now())
    announcement = setTimeout(() => {
      announcement = undefined
      announcedAt = performance.now()
      uplink.announce()
    }, wait)
  }

  /** What its parts report: to the centre in the birth, and to whoever asks on its machine. */
  function reports() {
    return {
      collectors: redactedStates(),
      ...(remote.report === undefined ? {} : { config: remote.report }),
      ...(updater.report === undefined ? {} : { update: updater.report }),
      ...flows.birth(),
    }
  }

  function status(): AgentStatus {
    return {
      written: Date.now(),
      pid: process.pid,
      connected: uplink.connected,
      ...(uplink.connected || uplink.lastFailure === undefined ? {} : { failure: uplink.lastFailure }),
      queued: outbox.queued,
      sent: uplink.sent,
      rss: process.memoryUsage.rss(),
      ...reports(),
    }
  }

  function noteStatus(): void {
    clearTimeout(note)
    note = undefined
    writeStatus(folder, status())
  }

  function follow(downlink: Downlink): void {
    if (downlink.kind === 'command') void followCommand(downlink.command, targets, logger)
    if (downlink.kind !== 'config') return
    if (options.agentRemoteConfig) remote.receive(downlink)
    else logger.warn('configuration from the centre ignored: IOC_AGENT_REMOTE_CONFIG is false')
  }

  const targets: CommandTargets = {
    collect: () => schedule.collectNow(),
    logs(max, level) {
      const { lines, leftOut } = tail.newest(max, level)
      return { lines, left_out: leftOut }
    },
    async rotate(sealed) {
      const password = await open(sealed, secretPlaceOf('rotate'))
      tail.addSecret(password)
      identity.changePassword(password)
      // After the answer to this command.
      setImmediate(() => uplink.reconnect('the password was changed'))
    },
    openEditor: (minutes, sealed) => flows.openEditor(minutes, sealed),
    flow: (topic, payload) => flows.pass({ source: 'command', topic, payload }),
    // Node-RED's reasons may quote what a flow threw.
    answer: ({ reason, ...answer }) =>
      uplink.answer({ ...answer, ...(reason === undefined ? {} : { reason: tail.redact(reason) }) }),
  }

  outbox.start()
  await updater.start()
  await remote.start([collectors, uplinkPart, flows, updater])
  uplink.start()
  schedule.start()
  flows.start()
  remote.resume()
  const statusTimer = setInterval(noteStatus, isOnTrial() ? trialStatusMs : statusMs)
  return {
    async stop() {
      clearInterval(statusTimer)
      updater.stop()
      await remote.stop()
      await Promise.all([schedule.stop(), flows.stop()])
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

/**
 * Imports what `startAgent` will, so that all of it is in the compile cache, and makes the key: cryptography that was loaded
 * for it would stay in memory.
 */
export async function warmUp(options: AgentOptions): Promise<void> {
  await import('@ioc/runtime/sealed.ts')
  await readSealKey(options.dataDir)
  const { collectors } = await readConfig(join(agentFolder(options), configFileName))
  const flows = hasFlows(options) ? [import('./node-red/node-red.ts'), import('./machine.ts')] : []
  await Promise.allSettled([...flows, ...collectors.map(({ kind }) => kind.load())])
}

/** A record carries the type of its device, so that it is stored under it whether or not the birth is known by then. */
function withTypes(records: readonly MeasurementRecord[], devices: readonly DeviceBirth[]): MeasurementRecord[] {
  const types = new Map(devices.map(({ id, type }) => [id, type]))
  return records.map((record) => {
    const type = record.type ?? types.get(record.device)
    return type === undefined ? record : { ...record, type }
  })
}
