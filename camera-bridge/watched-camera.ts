import { clockSources } from '@ioc/contract/device-types/camera-health.ts'
import { IocError } from '@ioc/contract/errors.ts'
import type { CameraReport, Still } from '@ioc/contract/messages/camera-link.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { CameraEntry } from './cameras/camera-file.ts'
import { CameraWorker, type TakenPicture, type WorkerSettings } from './health/camera-worker.ts'
import { summarize } from './health/summary.ts'
import { measurePicture } from './onboarding/explanation.ts'
import type { Account } from './onvif/digest.ts'
import type { SavedPictures } from './picture/baseline-store.ts'
import type { PictureWatch } from './picture/picture-watch.ts'
import { makeStill } from './picture/still.ts'
import { PtzController, type PtzTimes } from './ptz/ptz-controller.ts'

export interface CameraHandlers {
  readonly onRecord: (record: MeasurementRecord) => void
  readonly onReport: (report: CameraReport) => void
  readonly onStill: (still: Still) => void
  /** Its state, or the reason of it, is another one. */
  readonly onChange: () => void
  /** It returned to its home by itself. */
  readonly onReturn: (camera: string) => void
}

export interface WatchedCameraSettings {
  readonly worker: WorkerSettings
  readonly ptz: PtzTimes
  /** Between two stills that are sent by themselves, in ms. */
  readonly stillMs: number
}

/** Between two pictures that people ask for, in ms: some cameras need a second for one. */
const minFreshMs = 2_000
/** After a move, pictures are not compared for so long, in ms. */
const settleMs = 15_000

/** One camera of the bridge: its health, its stills, and its moves where it turns. */
export class WatchedCamera {
  readonly entry: CameraEntry
  readonly worker: CameraWorker
  readonly ptz: PtzController | undefined
  readonly #settings: WatchedCameraSettings
  readonly #handlers: CameraHandlers
  #described = ''
  #since = Date.now()
  #stillAt = Number.NEGATIVE_INFINITY
  #freshAt = Number.NEGATIVE_INFINITY
  #still: { readonly of: TakenPicture; readonly still: Promise<Still> } | undefined
  #settling: NodeJS.Timeout | undefined
  #isReported = false

  constructor(
    entry: CameraEntry,
    account: Account | undefined,
    pictures: PictureWatch,
    settings: WatchedCameraSettings,
    handlers: CameraHandlers,
    logger: Logger,
  ) {
    this.entry = entry
    this.#settings = settings
    this.#handlers = handlers
    const onRecord = (record: MeasurementRecord) => {
      handlers.onRecord(this.#withPosition(record))
      this.#follow()
    }
    this.worker = new CameraWorker(entry, account, pictures, settings.worker, { onRecord }, logger)
    const { client } = this.worker
    if (entry.type !== 'high_camera' || !client) return
    this.ptz = new PtzController(
      client,
      () => this.worker.profile,
      entry.ptz ?? {},
      settings.ptz,
      {
        onMove: () => this.#interrupt(),
        onChange: () => this.#report(),
        onReturn: () => handlers.onReturn(entry.name),
      },
      logger.child({ camera: entry.name }),
    )
  }

  start(): void {
    this.worker.start()
    this.ptz?.start()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#settling)
    await this.ptz?.stop()
    await this.worker.stop()
  }

  /** What is kept on disk. */
  get saved(): SavedPictures {
    const { baseline, figures } = this.worker.pictures
    return { baseline, figures, health: this.worker.diagnosis }
  }

  get report(): CameraReport {
    const { entry, worker } = this
    const { name, type, title = null, lat = null, lon = null, live_url = null, masks = [] } = entry
    const { findings, values, picture } = worker
    const { state, reason } = summarize(findings)
    const { figures } = worker.pictures
    const last = figures.at(-1)
    const number = (key: string) => (typeof values[key] === 'number' ? values[key] : null)
    return {
      ...{ name, type, title, lat, lon, live_url },
      state: this.#isReported ? state : 'unknown',
      since: this.#since,
      reason: this.#isReported ? (reason ?? null) : null,
      steps: findings.steps,
      picture: findings.picture,
      picture_ts: picture?.ts ?? null,
      clock_offset_s: number('clock_offset_s'),
      clock_source: clockSources.find((one) => one === values['clock_source']) ?? null,
      response_ms: number('response_ms'),
      rules: last ? [...measurePicture(last)] : [],
      counts: { ...worker.counted },
      masks: masks.length,
      ptz: this.ptz?.report ?? null,
    }
  }

  /**
   * The last picture as a still; with `fresh` a new one.
   * @throws IocError CAMERA_FAULT without a picture, CAMERA_BUSY, CAMERA_…
   */
  async still(fresh: boolean): Promise<Still> {
    if (!fresh) {
      const { picture } = this.worker
      if (!picture) throw new IocError('CAMERA_FAULT', `there is no picture of ${this.entry.name} yet`)
      return this.#stillOf(picture)
    }
    const now = performance.now()
    if (now - this.#freshAt < minFreshMs) throw new IocError('CAMERA_BUSY', 'a picture was taken just now')
    this.#freshAt = now
    return this.#stillOf(await this.worker.takePicture())
  }

  #stillOf(of: TakenPicture): Promise<Still> {
    if (this.#still?.of !== of) {
      const still = makeStill(of.jpeg, this.entry.masks).then((jpeg) => {
        return { camera: this.entry.name, ts: of.ts, jpeg: jpeg.toString('base64') }
      })
      this.#still = { of, still }
    }
    return this.#still.still
  }

  /** After each check: what changed is reported; a still follows a change at once, and else from time to time. */
  #follow(): void {
    this.#isReported = true
    const { state, reason = null } = summarize(this.worker.findings)
    const described = `${state} ${reason}`
    const isChanged = described !== this.#described
    if (isChanged) {
      this.#described = described
      this.#since = Date.now()
      this.#handlers.onChange()
    }
    this.#report()
    if (this.ptz && state !== 'offline') void this.ptz.refresh().catch(() => undefined)
    const now = performance.now()
    if (!isChanged && now - this.#stillAt < this.#settings.stillMs) return
    const { picture } = this.worker
    if (!picture) return
    this.#stillAt = now
    // A picture that cannot be decoded is a finding of the check already.
    void this.#stillOf(picture).then(this.#handlers.onStill, () => undefined)
  }

  #report(): void {
    this.#handlers.onReport(this.report)
  }

  #interrupt(): void {
    this.worker.pictures.interrupt()
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => this.worker.pictures.interrupt(), settleMs)
    this.#settling.unref()
  }

  #withPosition(record: MeasurementRecord): MeasurementRecord {
    const { bearing_deg: bearing = null } = this.ptz?.report ?? {}
    return bearing === null || record.device !== this.entry.name
      ? record
      : { ...record, values: { ...record.values, pan_deg: bearing } }
  }
}
