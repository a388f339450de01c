import { setTimeout as sleep } from 'node:timers/promises'
import type { CameraReason, CameraStep, StepState } from '@ioc/contract/device-types/camera-health.ts'
import { type ErrorCode, IocError, isIocError } from '@ioc/contract/errors.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { CameraEntry } from '../cameras/camera-file.ts'
import { EventCounter } from '../events/event-counter.ts'
import { VehicleCounter } from '../events/vehicle-counter.ts'
import { type CameraClock, type MediaProfile, OnvifClient } from '../onvif/client.ts'
import type { Account } from '../onvif/digest.ts'
import { HeaderLogin, LoginGate } from '../onvif/login.ts'
import { defaultPullTimes, PullPoint, type PullTimes } from '../onvif/pull-point.ts'
import { Session } from '../onvif/session.ts'
import type { PictureWatch } from '../picture/picture-watch.ts'
import { describeStream } from '../rtsp/describe.ts'
import { vendorOf } from '../vendors/table.ts'
import { checkClock } from './clock-check.ts'
import type { Diagnosis } from './diagnosis.ts'
import { type FoundIdentity, isAnotherCamera } from './identity-check.ts'
import { type Findings, maxMisses, summarize } from './summary.ts'

const minuteMs = 60_000

export interface WorkerSettings {
  readonly cadenceMs: number
  readonly pictureMs: number
  /** Time after which a step that was in order is checked again, in ms. */
  readonly streamMs: number
  readonly profilesMs: number
  readonly storageMs: number
  readonly pull: PullTimes
  /** Whether events are subscribed to. */
  readonly followsEvents: boolean
  /** The bridge's clock, in ms. */
  readonly now: () => number
}

export const defaultWorkerSettings: WorkerSettings = {
  cadenceMs: 30_000,
  pictureMs: 60_000,
  streamMs: 5 * minuteMs,
  profilesMs: 10 * minuteMs,
  storageMs: 5 * minuteMs,
  pull: defaultPullTimes,
  followsEvents: true,
  now: Date.now,
}

/** Time after which a step that failed is checked again, in ms. */
const retryMs = minuteMs
/** Lost subscriptions are a failure after this time, in ms: until then the camera may have restarted. */
const maxEventLossMs = 10 * minuteMs
/** A camera that said goodbye is checked after this time, in ms: it may answer for a moment still. */
const byeMs = 2_000
/** For so long one check without an answer is enough, in ms. */
const leavesForMs = minuteMs
/** Announcements of one kind that lead to a check, at most one in this time, in ms. */
const minAnnouncedMs = 30_000
/** Width of the pictures that are watched, in pixels, where the camera has a profile of it. */
const wantedWidth = 1_280

type Step = Exclude<CameraStep, 'picture'>

export interface WorkerHandlers {
  readonly onRecord: (record: MeasurementRecord) => void
}

/** A picture as the camera sent it. It is kept in memory alone. */
export interface TakenPicture {
  readonly jpeg: Buffer
  readonly ts: number
}

/**
 * Watches one camera. Steps follow each other, with one request at a time; each worker has its own timeouts, so that a camera
 * that does not answer delays no other.
 */
export class CameraWorker {
  readonly entry: CameraEntry
  readonly pictures: PictureWatch
  /** Undefined for a camera without ONVIF. */
  readonly client: OnvifClient | undefined
  readonly #settings: WorkerSettings
  readonly #handlers: WorkerHandlers
  readonly #logger: Logger
  readonly #session: Session
  readonly #streamLogin: HeaderLogin
  readonly #streamGate = new LoginGate()
  readonly #events = new EventCounter()
  readonly #vehicles: VehicleCounter
  readonly #pullPoint: PullPoint | undefined
  readonly #steps: Record<Step, StepState> = {
    reachable: 'unknown',
    clock: 'unknown',
    login: 'unknown',
    identity: 'unknown',
    profiles: 'unknown',
    snapshot: 'unknown',
    stream: 'unknown',
    events: 'unknown',
    storage: 'unknown',
  }
  readonly #reasons: Partial<Record<CameraStep, CameraReason>> = {}
  readonly #dueAt = new Map<Step, number>()
  readonly #stopping = new AbortController()
  #loops: Promise<unknown>[] = []
  #isPulling = false
  #running: Promise<MeasurementRecord> | undefined
  #misses = 0
  #leavesUntil = Number.NEGATIVE_INFINITY
  readonly #announcedAt = new Map<string, number>()
  #announced: NodeJS.Timeout | undefined
  #clock: CameraClock | undefined
  /** Undefined: not asked for; null: the camera does not state them. */
  #timeServers: readonly string[] | null | undefined
  #found: FoundIdentity | undefined
  #responseMs: number | undefined
  #recording: boolean | undefined
  #snapshotUrl: URL | undefined
  #profile: string | undefined
  #picture: TakenPicture | undefined
  #values: MeasurementRecord['values'] = {}
  readonly #counted: Record<string, number> = {}
  #streamUrl: URL | undefined
  #eventsLostAt: number | undefined
  #reported = ''

  constructor(
    entry: CameraEntry,
    account: Account | undefined,
    pictures: PictureWatch,
    settings: WorkerSettings,
    handlers: WorkerHandlers,
    logger: Logger,
  ) {
    this.entry = entry
    this.pictures = pictures
    this.#settings = settings
    this.#handlers = handlers
    this.#logger = logger
    this.client = entry.onvif === undefined ? undefined : new OnvifClient(new URL(entry.onvif), account, settings.now)
    this.#session = this.client?.session ?? new Session({ account, now: settings.now })
    this.#streamLogin = new HeaderLogin(account)
    this.#vehicles = new VehicleCounter(entry.name)
    this.#pullPoint =
      this.client &&
      new PullPoint(this.client, settings.pull, {
        onNotices: (notices) => {
          // Events of another camera are not counted as those of this one.
          if (this.#steps.identity === 'failed') return
          this.#events.take(notices, settings.now())
          this.#vehicles.take(notices)
        },
        onLost: (error) => {
          this.#events.lose()
          this.#eventsLostAt ??= settings.now()
          this.client?.refreshServices()
          this.#logger.debug({ camera: entry.name, err: error }, 'event subscription lost')
        },
      })
  }

  start(): void {
    const { signal } = this.#stopping
    this.#loops = [this.#runChecks(signal)]
  }

  async stop(): Promise<void> {
    clearTimeout(this.#announced)
    this.#stopping.abort()
    await Promise.all(this.#loops)
  }

  /**
   * The camera announced that it is there, or that it leaves. It is checked out of turn, and one that leaves is offline with the first
   * check that it does not answer. Whether it is online follows from checks alone: an announcement may be forged.
   */
  announce(kind: 'hello' | 'bye'): void {
    const now = this.#settings.now()
    if (now - (this.#announcedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < minAnnouncedMs) return
    this.#announcedAt.set(kind, now)
    if (kind === 'bye') this.#leavesUntil = now + leavesForMs
    clearTimeout(this.#announced)
    const waitMs = kind === 'bye' ? byeMs : 0
    this.#announced = setTimeout(() => {
      // A check that runs reports by itself.
      if (!this.#running) void this.#checkAndReport()
    }, waitMs)
  }

  /** One check of all steps that are due; where one is running already, that one. */
  check(signal: AbortSignal = this.#stopping.signal): Promise<MeasurementRecord> {
    this.#running ??= this.#checkOnce(signal).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #checkOnce(signal: AbortSignal): Promise<MeasurementRecord> {
    if (this.client) await this.#checkOnvif(this.client, signal)
    else await this.#checkPlain(signal)
    return this.#record()
  }

  /** The last picture; of a camera that is away, the last one before. */
  get picture(): TakenPicture | undefined {
    return this.#picture
  }

  /** Token of the media profile of the pictures, once it is known. */
  get profile(): string | undefined {
    return this.#profile
  }

  /** The values of the last record. */
  get values(): MeasurementRecord['values'] {
    return this.#values
  }

  /** Events by kind since the start. */
  get counted(): Readonly<Record<string, number>> {
    return this.#counted
  }

  /** Fetches a picture now, beside the checks. @throws IocError CAMERA_… */
  async takePicture(signal: AbortSignal = this.#stopping.signal): Promise<TakenPicture> {
    const url = this.#snapshotUrl
    if (!url) throw new IocError('CAMERA_FAULT', `no address of pictures of ${this.entry.name} is known`)
    const { body } = await this.#session.fetchPicture(url, signal)
    this.#picture = { jpeg: body, ts: this.#settings.now() }
    return this.#picture
  }

  /** What the last check found, and why. */
  get diagnosis(): Diagnosis {
    const { state, reason } = summarize(this.findings)
    const clock = this.#clock
    const { serial, mac } = this.entry
    return {
      ts: this.#settings.now(),
      state,
      reason,
      steps: { ...this.#steps },
      clock: clock && {
        offset_s: seconds(clock.offsetMs),
        source: clock.source,
        set_by: clock.setBy,
        zone_ms: clock.zoneMs,
        servers: this.#timeServers,
      },
      identity: this.#found && {
        known: { ...(serial === undefined ? {} : { serial }), ...(mac === undefined ? {} : { mac }) },
        found: this.#found,
      },
    }
  }

  /** What is known now. */
  get findings(): Findings {
    return { steps: this.#steps, picture: this.pictures.state, reasons: this.#reasons, misses: this.#misses }
  }

  async #runChecks(signal: AbortSignal): Promise<void> {
    const { cadenceMs } = this.#settings
    // Cameras are spread over the cadence, so that they are not all checked at once.
    await sleep(Math.random() * cadenceMs, undefined, { signal }).catch(() => undefined)
    while (!signal.aborted) {
      const began = performance.now()
      await this.#checkAndReport()
      if (signal.aborted) return
      const waitMs = Math.max(0, cadenceMs - (performance.now() - began))
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async #checkAndReport(): Promise<void> {
    const record = await this.check()
    if (this.#stopping.signal.aborted) return
    this.#handlers.onRecord(record)
    for (const counted of this.#vehicles.drain(this.#settings.now())) this.#handlers.onRecord(counted)
  }

  async #checkOnvif(client: OnvifClient, signal: AbortSignal): Promise<void> {
    if (!(await this.#checkClock(client, signal))) return this.#skipFrom('login')
    const isIn = await this.#step('login', this.#settings.profilesMs, () => this.#login(client, signal))
    if (!isIn) return this.#skipFrom('identity')
    if (!(await this.#step('identity', this.#settings.profilesMs, () => this.#identify(client, signal)))) {
      return this.#leaveAlone()
    }
    await this.#step('profiles', this.#settings.profilesMs, () => this.#readProfiles(client, signal))
    await this.#checkSnapshot(signal)
    await this.#checkStream(signal)
    await this.#step('storage', this.#settings.storageMs, async () => {
      this.#recording = await client.readRecording(signal)
      return this.#recording === undefined ? 'unsupported' : this.#recording ? 'ok' : 'failed'
    })
    this.#checkEvents()
  }

  /** A camera without ONVIF: its stream, and pictures where it has an address of them. */
  async #checkPlain(signal: AbortSignal): Promise<void> {
    for (const step of ['clock', 'identity', 'profiles', 'events', 'storage'] as const)
      this.#steps[step] = 'unsupported'
    const { stream, snapshot } = this.entry
    this.#snapshotUrl = snapshot === undefined ? undefined : new URL(snapshot)
    if (stream === undefined) return
    try {
      this.#steps.stream = await this.#describe(new URL(stream), signal)
      this.#steps.login = 'ok'
      this.#setReason('stream', undefined)
      this.#reached()
    } catch (error) {
      if (isIocError(error, 'CAMERA_UNREACHABLE')) {
        this.#missed(error)
        return this.#skipFrom('login')
      }
      this.#reached()
      this.#failed('stream', error)
      this.#steps.login = isIocError(error, 'CAMERA_UNAUTHORIZED') ? 'failed' : 'unknown'
    }
    await this.#checkSnapshot(signal)
  }

  async #checkClock(client: OnvifClient, signal: AbortSignal): Promise<boolean> {
    try {
      const clock = await client.readClock(signal)
      this.#reached()
      this.#responseMs = clock?.roundTripMs
      this.#clock = clock
      const found = clock && checkClock(clock)
      this.#steps.clock = found?.state ?? 'unknown'
      this.#setReason('clock', found?.reason)
      // The login asks for the time servers, which explain it.
      if (found?.reason === 'clock_unsynchronized' && this.#timeServers === undefined) this.#dueAt.delete('login')
      return true
    } catch (error) {
      this.#missed(error)
      this.#steps.clock = 'unknown'
      this.#setReason('clock', undefined)
      return false
    }
  }

  async #login(client: OnvifClient, signal: AbortSignal): Promise<StepState> {
    const information = await client.readInformation(signal)
    if (this.#pullPoint) this.#pullPoint.vendor = vendorOf(information.manufacturer)
    this.#found = { ...information, macs: [] }
    const isUnsynchronized = this.#reasons.clock === 'clock_unsynchronized'
    this.#timeServers = isUnsynchronized ? ((await client.readTimeServers(signal)) ?? null) : undefined
    return 'ok'
  }

  /** Compares what the login has read with what the camera is known by. */
  async #identify(client: OnvifClient, signal: AbortSignal): Promise<StepState> {
    const { serial, mac } = this.entry
    if (this.#found === undefined || (serial === undefined && mac === undefined)) return 'unsupported'
    if (mac !== undefined) this.#found = { ...this.#found, macs: await readAddresses(client, signal) }
    return isAnotherCamera(this.entry, this.#found) ? 'failed' : 'ok'
  }

  /**
   * The masks, the baseline, the counts and the presets are those of the camera that was added: another one is neither looked at nor
   * turned. It is asked again who it is at each check.
   */
  #leaveAlone(): void {
    this.#skipFrom('profiles')
    this.#dueAt.delete('login')
    this.#dueAt.delete('identity')
    this.#profile = undefined
    this.#snapshotUrl = undefined
    this.#streamUrl = undefined
  }

  async #readProfiles(client: OnvifClient, signal: AbortSignal): Promise<StepState> {
    const profile = chooseProfile(await client.readProfiles(signal))
    if (!profile) return 'failed'
    this.#profile = profile.token
    const { snapshot, stream } = this.entry
    this.#snapshotUrl = snapshot === undefined ? await client.readSnapshotUri(profile.token, signal) : new URL(snapshot)
    this.#streamUrl = stream === undefined ? await client.readStreamUri(profile.token, signal) : new URL(stream)
    return 'ok'
  }

  async #checkSnapshot(signal: AbortSignal): Promise<void> {
    const url = this.#snapshotUrl
    if (!url) {
      this.#steps.snapshot = this.client ? 'unknown' : 'unsupported'
      return
    }
    await this.#step('snapshot', this.#settings.pictureMs, async () => {
      const { body } = await this.#session.fetchPicture(url, signal)
      await this.pictures.observe(body, this.#settings.now())
      this.#picture = { jpeg: body, ts: this.#settings.now() }
      return 'ok'
    })
    // Where checks take long, five pairs at the usual pace take longer than the five minutes that the rule asks for.
    if (this.pictures.mayBeFrozen) this.#dueAt.delete('snapshot')
  }

  async #checkStream(signal: AbortSignal): Promise<void> {
    const url = this.#streamUrl
    if (url) await this.#step('stream', this.#settings.streamMs, () => this.#describe(url, signal))
  }

  async #describe(url: URL, signal: AbortSignal): Promise<StepState> {
    const { hasVideo } = await describeStream(url, this.#streamLogin, this.#streamGate, this.#settings.now, signal)
    return hasVideo ? 'ok' : 'failed'
  }

  #checkEvents(): void {
    const pullPoint = this.#pullPoint
    if (!pullPoint || !this.#settings.followsEvents) return
    // It begins once the login is known to be right, and then goes on by itself.
    if (!this.#isPulling) {
      this.#isPulling = true
      this.#loops.push(pullPoint.run(this.#stopping.signal))
    }
    switch (pullPoint.state) {
      case 'subscribed':
        this.#eventsLostAt = undefined
        this.#steps.events = 'ok'
        return
      case 'lost': {
        const lostMs = this.#settings.now() - (this.#eventsLostAt ?? this.#settings.now())
        this.#steps.events = lostMs >= maxEventLossMs ? 'failed' : 'warning'
        return
      }
      case 'unknown':
      case 'unsupported':
        this.#steps.events = pullPoint.state
        return
      default:
        pullPoint.state satisfies never
    }
  }

  /** Runs a step where it is due; returns whether it is in order. */
  async #step(step: Step, everyMs: number, run: () => Promise<StepState>): Promise<boolean> {
    const now = this.#settings.now()
    // A check that is a little early, as the cadence is not exact, is not put off for a whole one.
    const slackMs = this.#settings.cadenceMs / 4
    if (now < (this.#dueAt.get(step) ?? Number.NEGATIVE_INFINITY) - slackMs) return this.#steps[step] !== 'failed'
    try {
      this.#steps[step] = await run()
      this.#setReason(step, undefined)
    } catch (error) {
      this.#failed(step, error)
    }
    const isFailed = this.#steps[step] === 'failed'
    this.#dueAt.set(step, now + (isFailed ? Math.min(everyMs, retryMs) : everyMs))
    return !isFailed
  }

  /** Whatever a camera answers is a fault of that camera alone. */
  #failed(step: Step, error: unknown): void {
    if (this.#stopping.signal.aborted) return
    const facts = { camera: this.entry.name, step, err: error }
    if (isIocError(error)) this.#logger.debug(facts, 'check failed')
    else this.#logger.error(facts, 'unexpected error in a check')
    this.#steps[step] = 'failed'
    this.#setReason(step, reasonOf(step, isIocError(error) ? error.code : 'CAMERA_ANSWER_INVALID'))
    this.#readAddressesAgain()
  }

  /** What failed may have moved: the camera is asked for its addresses before the next try. */
  #readAddressesAgain(): void {
    this.client?.refreshServices()
    this.#dueAt.delete('profiles')
  }

  #missed(error: unknown): void {
    this.#failed('reachable', error)
    this.#misses = this.#settings.now() < this.#leavesUntil ? maxMisses : this.#misses + 1
  }

  #reached(): void {
    this.#steps.reachable = 'ok'
    this.#setReason('reachable', undefined)
    this.#misses = 0
  }

  #setReason(step: CameraStep, reason: CameraReason | undefined): void {
    if (reason === undefined) delete this.#reasons[step]
    else this.#reasons[step] = reason
  }

  /** Steps that follow one that failed are not known, and are checked at once when it is in order again. */
  #skipFrom(first: Step): void {
    const order: readonly Step[] = ['login', 'identity', 'profiles', 'snapshot', 'stream', 'events', 'storage']
    for (const step of order.slice(order.indexOf(first))) {
      if (this.#steps[step] !== 'unsupported') this.#steps[step] = 'unknown'
      this.#setReason(step, undefined)
      this.#dueAt.delete(step)
    }
  }

  #record(): MeasurementRecord {
    const { state, reason } = summarize(this.findings)
    this.#vehicles.noteCheck(state !== 'offline' && this.#steps.events === 'ok' && this.pictures.state === 'ok')
    const described = `${state} ${reason ?? ''}`
    if (described !== this.#reported) {
      const facts = { camera: this.entry.name, state, reason, ...this.#clockValues() }
      if (state === 'online') this.#logger.info(facts, 'camera is online')
      else this.#logger.warn(facts, `camera is ${state}`)
    }
    this.#reported = described
    const { counts, dropped } = this.#events.drain()
    for (const [kind, count] of Object.entries(counts)) this.#counted[kind] = (this.#counted[kind] ?? 0) + count
    const figures = this.pictures.figures.at(-1)
    const isPictured = this.#steps.snapshot === 'ok' && figures !== undefined
    const own = this.entry.type === 'high_camera' ? { crowds: counts.crowd, smokes: counts.smoke } : {}
    this.#values = {
      state,
      reason: reason ?? 'none',
      ...this.#steps,
      picture: state === 'offline' ? 'unknown' : this.pictures.state,
      ...(this.#recording === undefined ? {} : { recording: this.#recording && state !== 'offline' }),
      ...this.#clockValues(),
      ...(this.#responseMs === undefined ? {} : { response_ms: Math.round(this.#responseMs) }),
      ...(isPictured ? { brightness: figures.mean, sharpness: figures.sharpness } : {}),
      ...(this.#steps.events === 'ok'
        ? {
            motions: counts.motion,
            tampers: counts.tamper,
            line_crossings: counts.line_crossing,
            intrusions: counts.intrusion,
            events_dropped: dropped,
            reboots_total: this.#events.reboots,
            ...own,
          }
        : {}),
    }
    return { device: this.entry.name, type: this.entry.type, ts: this.#settings.now(), values: this.#values }
  }

  #clockValues(): MeasurementRecord['values'] {
    const { offsetMs, setBy } = this.#clock ?? {}
    return {
      ...(offsetMs === undefined ? {} : { clock_offset_s: seconds(offsetMs) }),
      ...(setBy === undefined ? {} : { clock_source: setBy }),
    }
  }
}

/** None where the camera does not support the question. */
async function readAddresses(client: OnvifClient, signal: AbortSignal): Promise<string[]> {
  try {
    return await client.readAddresses(signal)
  } catch (error) {
    if (isIocError(error, 'CAMERA_FAULT')) return []
    throw error
  }
}

/** The largest picture that is not larger than needed; of larger ones the smallest. */
function chooseProfile(profiles: readonly MediaProfile[]): MediaProfile | undefined {
  const small = profiles.filter(({ width }) => width <= wantedWidth).toSorted((a, b) => b.width - a.width)
  return small[0] ?? profiles.toSorted((a, b) => a.width - b.width)[0]
}

/** Undefined: the usual reason of the step. */
function reasonOf(step: Step, code: ErrorCode): CameraReason | undefined {
  if (code === 'CAMERA_UNAUTHORIZED') return 'login_rejected'
  if (step !== 'reachable' && step !== 'login') return undefined
  return code === 'CAMERA_UNREACHABLE' ? 'unreachable' : 'invalid_answer'
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10
}
