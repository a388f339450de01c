import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isIocError } from '@ioc/contract/errors.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { ensureFolder, type Running } from '@ioc/runtime/process.ts'
import type { Downlink } from '@ioc/uplink/downlink.ts'
import { Outbox } from '@ioc/uplink/outbox/outbox.ts'
import { Uplink } from '@ioc/uplink/uplink.ts'
import { type CameraEntry, CameraFile } from './cameras/camera-file.ts'
import { CameraWorker, defaultWorkerSettings } from './health/camera-worker.ts'
import { findIdentity } from './identity.ts'
import { bridgeFolder, type CameraBridgeOptions } from './options.ts'
import { BaselineStore } from './picture/baseline-store.ts'
import { PictureWatch } from './picture/picture-watch.ts'

/** How often the list of cameras is looked at, in ms: watching a file fails where the system has no watches left. */
const reloadMs = 2_000
/** How often baselines are saved, in ms. */
const saveMs = 10 * 60_000
/** Longest wait for checks in progress at the end, in ms. */
const lastCheckMs = 3_000

/**
 * The camera bridge: a worker a camera fills the outbox, the uplink empties it. Changes to the list of cameras take effect
 * while it runs.
 * @throws IocError OPTION_INVALID, NAME_INVALID, FOLDER_UNUSABLE, DISK_FULL, CAMERAS_INVALID
 */
export async function startBridge(options: CameraBridgeOptions, logger: Logger): Promise<Running> {
  const folder = ensureFolder(bridgeFolder(options))
  const { address, password } = await findIdentity(options, folder)
  const file = new CameraFile(folder)
  const baselines = new BaselineStore(folder)
  const workers = new Map<string, CameraWorker>()
  const settings = {
    ...defaultWorkerSettings,
    cadenceMs: options.cameraCadenceMs,
    pictureMs: options.cameraPictureMs,
  }

  const outbox = new Outbox(
    {
      folder: join(folder, 'outbox'),
      maxBytes: options.outboxMaxMb * 1e6,
      maxAgeMs: options.outboxMaxAgeH * 3_600_000,
    },
    logger,
  )
  const uplink = new Uplink(
    {
      url: options.mqttUrl || `mqtt://127.0.0.1:${options.mqttPort}`,
      address,
      password: () => password,
      replayPerSecond: options.replayPerSecond,
      birth: () => ({
        agent: { version, host: hostname() },
        ...(options.area === '' ? {} : { area: options.area }),
        devices: [...workers.values()].map(({ entry }) => deviceOf(entry, settings.cadenceMs)),
      }),
    },
    outbox,
    follow,
    logger,
  )

  function put(record: MeasurementRecord): void {
    outbox.put([record])
    uplink.notify()
  }

  function follow(downlink: Downlink): void {
    if (downlink.kind !== 'command' || downlink.command.command !== 'collect') return
    for (const worker of workers.values()) void worker.check().then(put)
  }

  function startWorker(entry: CameraEntry): void {
    const { name } = entry
    const pictures = new PictureWatch(baselines.baseline(name, Date.now()), { fixed: entry.type === 'camera' })
    const worker = new CameraWorker(entry, file.account(entry), pictures, settings, { onRecord: put }, logger)
    workers.set(name, worker)
    worker.start()
  }

  async function stopWorker(worker: CameraWorker): Promise<void> {
    workers.delete(worker.entry.name)
    await Promise.race([worker.stop(), new Promise((resolve) => setTimeout(resolve, lastCheckMs).unref())])
    save(worker)
  }

  function save({ entry, pictures }: CameraWorker): void {
    baselines.save(entry.name, pictures)
  }

  let stamp = ''
  let reloading: Promise<void> = Promise.resolve()
  async function reload(): Promise<void> {
    if (file.stamp === stamp) return
    stamp = file.stamp
    const entries = file.list()
    for (const worker of [...workers.values()]) {
      const now = entries.find(({ name }) => name === worker.entry.name)
      if (now && JSON.stringify(now) === JSON.stringify(worker.entry)) continue
      await stopWorker(worker)
      if (!now) baselines.remove(worker.entry.name)
    }
    for (const entry of entries) if (!workers.has(entry.name)) startWorker(entry)
    logger.info({ cameras: workers.size }, 'list of cameras read')
    uplink.announce()
  }

  outbox.start()
  await reload()
  uplink.start()
  const reloadTimer = setInterval(() => {
    reloading = reloading.then(reload).catch((error: unknown) => {
      if (!isIocError(error)) throw error
      logger.error({ err: error }, 'the list of cameras is invalid; the previous one stays in force')
    })
  }, reloadMs)
  const saveTimer = setInterval(() => {
    for (const worker of workers.values()) save(worker)
  }, saveMs)

  return {
    async stop() {
      clearInterval(reloadTimer)
      clearInterval(saveTimer)
      await reloading
      await Promise.all([...workers.values()].map(stopWorker))
      await uplink.stop()
      outbox.stop()
    },
    gauges: () => ({
      queued: outbox.queued,
      lost: outbox.lost + outbox.unnumbered,
      sent: uplink.sent,
      connected: uplink.connected ? 1 : 0,
      cameras: workers.size,
    }),
  }
}

function deviceOf({ name, type, title, lat, lon }: CameraEntry, cadenceMs: number) {
  return {
    id: name,
    type,
    cadence_s: cadenceMs / 1_000,
    ...(title === undefined ? {} : { name: title }),
    ...(lat === undefined ? {} : { lat }),
    ...(lon === undefined ? {} : { lon }),
  }
}

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }
