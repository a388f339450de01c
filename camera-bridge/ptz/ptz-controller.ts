import { setTimeout as sleep } from 'node:timers/promises'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import {
  type LeasePriority,
  maxPresetNameLength,
  maxPresets,
  maxPresetTokenLength,
  type PtzMove,
  type PtzReport,
} from '@ioc/contract/messages/camera-link.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { PtzSettings } from '../cameras/camera-file.ts'
import type { OnvifClient, PtzPreset, PtzStatus } from '../onvif/client.ts'
import { CameraLease } from './lease.ts'

export interface PtzTimes {
  /** After so long without a move the camera returns to its home, or goes on with its tour. */
  readonly homeMs: number
  /** Longest wait for the end of a move; some cameras never report it. */
  readonly moveMs: number
  /** Between two questions whether the camera has arrived. */
  readonly pollMs: number
  /** What a second of the dwell of a tour lasts: a test may make it shorter. */
  readonly dwellSecondMs: number
}

export const defaultPtzTimes: PtzTimes = { homeMs: 300_000, moveMs: 10_000, pollMs: 250, dwellSecondMs: 1_000 }

export interface PtzHandlers {
  /** The camera turns: its pictures cannot be compared. */
  readonly onMove: () => void
  readonly onChange: () => void
  /** It returned to its home by itself. */
  readonly onReturn: () => void
}

/** The camera's own pan of a half turn, and a whole turn, in degrees. */
const halfTurnDeg = 180
const wholeTurnDeg = 360
/** Positions of a head that differ by less than this are the same. */
const samePosition = 0.001

/** A move of the head. */
type Turn = Exclude<PtzMove, { kind: 'release' }>

/**
 * Turns one camera: for people, who hold a lease; and by itself, through its tour or back to its home. One move at a time.
 */
export class PtzController {
  readonly #client: OnvifClient
  readonly #profile: () => string | undefined
  readonly #settings: PtzSettings
  readonly #times: PtzTimes
  readonly #handlers: PtzHandlers
  readonly #logger: Logger
  readonly #lease = new CameraLease()
  readonly #stopping = new AbortController()
  #presets: readonly PtzPreset[] | undefined
  #status: PtzStatus | undefined
  #at: string | null = null
  #moving = false
  #touring = false
  #tourStep = 0
  #timer: NodeJS.Timeout | undefined
  /** Moves follow each other. */
  #last: Promise<unknown> = Promise.resolve()
  /** The newest move: those before it are not begun any more, and are not waited for. */
  #newest: object | undefined

  constructor(
    client: OnvifClient,
    profile: () => string | undefined,
    settings: PtzSettings,
    times: PtzTimes,
    handlers: PtzHandlers,
    logger: Logger,
  ) {
    this.#client = client
    this.#profile = profile
    this.#settings = settings
    this.#times = times
    this.#handlers = handlers
    this.#logger = logger
  }

  /** Nobody controls it at first: its tour begins, or it returns to its home, after the usual time. */
  start(): void {
    this.#schedule()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#stopping.abort()
    await this.#last.catch(() => undefined)
  }

  /** Presets and position, read once the camera is reached. @throws IocError CAMERA_… */
  async refresh(): Promise<void> {
    const profile = this.#profile()
    if (profile === undefined) return
    const { signal } = this.#stopping
    this.#presets ??= (await this.#client.readPresets(profile, signal))
      .filter(({ token }) => token.length <= maxPresetTokenLength)
      .map((preset) => ({ ...preset, name: preset.name.slice(0, maxPresetNameLength) }))
      .slice(0, maxPresets)
    this.#status = await this.#client.readPtzStatus(profile, signal)
    this.#handlers.onChange()
  }

  get report(): PtzReport {
    const { north_deg: north, home = null, tour = [] } = this.#settings
    const bearing = (pan: number | undefined) =>
      pan === undefined || north === undefined ? null : bearingOf(north + pan * halfTurnDeg)
    const { pan, tilt, zoom } = this.#status ?? {}
    return {
      presets: (this.#presets ?? []).map(({ token, name, pan: of }) => ({ token, name, bearing_deg: bearing(of) })),
      at: this.#at,
      home,
      moving: this.#moving,
      pan: pan ?? null,
      tilt: tilt ?? null,
      zoom: zoom ?? null,
      bearing_deg: bearing(pan),
      tour: { steps: tour.length, running: this.#touring },
      lease: this.#lease.current(Date.now()) ?? null,
    }
  }

  /**
   * Does what a person asks for, once the camera has arrived, or a later move replaces it.
   * @throws IocError CAMERA_BUSY naming who controls the camera, or where a later move came before this one began, CAMERA_…
   */
  async move(by: string, priority: LeasePriority, move: PtzMove): Promise<PtzReport> {
    if (move.kind === 'release') {
      this.#lease.release(by)
      this.#schedule()
      this.#handlers.onChange()
      return this.report
    }
    const other = this.#lease.acquire(by, priority, Date.now())
    if (other) throw new IocError('CAMERA_BUSY', `${other.holder} controls the camera`)
    clearTimeout(this.#timer)
    this.#touring = false
    try {
      await this.#execute(move)
    } finally {
      this.#schedule()
    }
    return this.report
  }

  /** The newest move is done next: a `stop` waits for no way of the camera, and nothing turns it late. */
  #execute(move: Turn): Promise<void> {
    this.#newest = move
    const next = this.#last
      .catch(() => undefined)
      .then(() => {
        if (this.#newest !== move) throw new IocError('CAMERA_BUSY', 'a later move replaced this one')
        return this.#turn(move)
      })
    this.#last = next
    return next
  }

  async #turn(move: Turn): Promise<void> {
    const profile = this.#profile()
    if (profile === undefined)
      throw new IocError('CAMERA_UNREACHABLE', 'the camera was not reached yet, or another one answers at its address')
    const { signal } = this.#stopping
    this.#handlers.onMove()
    this.#moving = true
    this.#at = null
    this.#handlers.onChange()
    try {
      switch (move.kind) {
        case 'preset':
          await this.#client.goToPreset(profile, move.token, signal)
          if (await this.#hasArrived(move, profile, signal)) this.#at = move.token
          break
        case 'home':
          await this.#goHome(move, profile, signal)
          break
        case 'turn':
          await this.#client.turn(profile, move, signal)
          this.#status = await this.#client.readPtzStatus(profile, signal)
          break
        case 'stop':
          await this.#client.stopTurning(profile, signal)
          await this.#hasArrived(move, profile, signal)
          break
        default:
          move satisfies never
      }
    } finally {
      this.#moving = false
      this.#handlers.onMove()
      this.#handlers.onChange()
    }
  }

  async #goHome(move: Turn, profile: string, signal: AbortSignal): Promise<void> {
    const { home } = this.#settings
    if (home === undefined) await this.#client.goHome(profile, signal)
    else await this.#client.goToPreset(profile, home, signal)
    if (await this.#hasArrived(move, profile, signal)) this.#at = home ?? null
  }

  /**
   * Waits until the camera rests, for the longest time at most. Some cameras report `IDLE` while they turn: their position
   * has to rest too.
   * @returns false where a later move replaces this one
   */
  async #hasArrived(move: Turn, profile: string, signal: AbortSignal): Promise<boolean> {
    const began = performance.now()
    let before: PtzStatus | undefined
    while (performance.now() - began < this.#times.moveMs) {
      await sleep(this.#times.pollMs, undefined, { signal })
      if (this.#newest !== move) return false
      const status = await this.#client.readPtzStatus(profile, signal)
      this.#status = status
      if (status.moving !== true && before && isSame(before, status)) break
      before = status
    }
    return this.#newest === move
  }

  /** What the camera does by itself comes after the usual time. */
  #schedule(waitMs = this.#times.homeMs): void {
    clearTimeout(this.#timer)
    if (this.#stopping.signal.aborted) return
    this.#timer = setTimeout(() => void this.#goOn(), waitMs)
    this.#timer.unref()
  }

  async #goOn(): Promise<void> {
    const { tour = [] } = this.#settings
    if (this.#lease.current(Date.now())) return this.#schedule()
    const step = tour[this.#tourStep % Math.max(1, tour.length)]
    try {
      if (step === undefined) {
        await this.#execute({ kind: 'home' })
        if (!this.#lease.current(Date.now())) this.#handlers.onReturn()
        return
      }
      this.#touring = true
      this.#tourStep += 1
      await this.#execute({ kind: 'preset', token: step.preset })
      // A person who took the camera over meanwhile has the usual time.
      this.#schedule(this.#touring ? step.dwell_s * this.#times.dwellSecondMs : undefined)
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      if (!isIocError(error)) throw error
      // A person who took the camera over meanwhile is no failure.
      if (!this.#lease.current(Date.now())) this.#logger.warn({ err: error }, 'the camera does not turn')
      this.#schedule()
    }
  }
}

/** From 0 to 359, whatever pan the camera states. */
const bearingOf = (deg: number): number => ((Math.round(deg) % wholeTurnDeg) + wholeTurnDeg) % wholeTurnDeg

function isSame(a: PtzStatus, b: PtzStatus): boolean {
  return (['pan', 'tilt', 'zoom'] as const).every((name) => Math.abs((a[name] ?? 0) - (b[name] ?? 0)) < samePosition)
}
