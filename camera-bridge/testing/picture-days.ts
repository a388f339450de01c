import { createHash } from 'node:crypto'
import type { PictureState } from '@ioc/contract/device-types/camera-health.ts'
import { calendarOf, emptyCalendar } from '@ioc/runtime/district/calendar.ts'
import { choice, type Key, keyOf, uniform } from '@ioc/simulator/noise.ts'
import { encode, type PictureMode, Scene, type SceneSettings } from '@ioc/simulator/onvif-camera/scene.ts'
import {
  type NightLight,
  type Street,
  type Surroundings,
  surroundingsAt,
} from '@ioc/simulator/onvif-camera/surroundings.ts'
import { weatherAt } from '@ioc/simulator/weather.ts'
import { createWorld } from '@ioc/simulator/world.ts'
import { createBaseline } from '../picture/baseline.ts'
import { decode, type Frame } from '../picture/frame.ts'
import { PictureWatch } from '../picture/picture-watch.ts'

export type PictureFault = Exclude<PictureMode, 'normal'>
export const pictureFaults = [
  'frozen',
  'frozen_clock_runs',
  'covered',
  'overexposed',
  'dark',
  'moved',
  'blurred',
] as const satisfies readonly PictureFault[]

export interface CampaignSettings {
  readonly cameras: number
  /** Days of each camera. In the first one nothing is wrong with it. */
  readonly days: number
  readonly seed: number
  /** Size of the pictures, in pixels; a multiple of 8, as the blocks of a JPEG. */
  readonly width: number
  readonly height: number
}

/** What came of one kind of fault. */
export interface FaultOutcome {
  /** Times that it happened, and of those the ones that were noticed. */
  episodes: number
  noticed: number
  /** Times that it was reported without having happened. */
  falseAlarms: number
  /** From its beginning until it was reported, in ms. */
  readonly noticedMs: number[]
}

export interface CampaignResult {
  readonly pictures: number
  readonly cameraDays: number
  readonly outcomes: Readonly<Record<PictureFault, FaultOutcome>>
  /** Where something went wrong, to look at: camera, time, what happened and what was reported. */
  readonly mistakes: readonly string[]
}

interface Episode {
  readonly fault: PictureFault
  readonly from: number
  readonly to: number
  readonly severity: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** One fault in so much time, in ms. */
const slotMs = 3 * hourMs
/** After the end of a fault it may be reported for so long, in ms. */
const graceMs = 3 * minuteMs
/** A fault is asked for only where a person could see it: with less fog, and more light than this. */
const maxFog = 0.5
const minMean = 18
/** A black picture looks the same whether it is frozen or not. */
const minFrozenMean = 6
/** A picture that is too dark is one only where it is usually lit. */
const minLitMean = 45
const maxMistakes = 200
/** Pictures that are compressed at once. */
const picturesAtOnce = 60
/** A day of the rainy season, with fog in the mornings; cameras begin on days of their own. */
const began = Date.parse('2026-09-01T00:00:00+07:00')

/**
 * Watches generated pictures of many cameras, a picture a minute as the bridge does, through day and night: sun, clouds, fog,
 * rain, street lamps, headlights, insects before the infrared lamp, trees, compression and burnt-in clocks. In each three hours
 * something goes wrong with the picture for some time. What was reported is compared with what happened.
 */
export async function watchDays(settings: CampaignSettings): Promise<CampaignResult> {
  const outcomes = Object.fromEntries(
    pictureFaults.map((fault) => [fault, { episodes: 0, noticed: 0, falseAlarms: 0, noticedMs: [] }]),
  ) as unknown as Record<PictureFault, FaultOutcome>
  const mistakes: string[] = []
  let pictures = 0
  for (let camera = 0; camera < settings.cameras; camera++) {
    const key = keyOf(settings.seed, 'camera', String(camera))
    pictures += await watchCamera(key, `camera ${camera}`, settings, outcomes, mistakes)
  }
  return { pictures, cameraDays: settings.cameras * settings.days, outcomes, mistakes }
}

async function watchCamera(
  key: Key,
  name: string,
  { days, width, height }: CampaignSettings,
  outcomes: Record<PictureFault, FaultOutcome>,
  mistakes: string[],
): Promise<number> {
  const { street, scene: sceneSettings, quality } = traitsOf(key)
  const scene = new Scene({ ...sceneSettings, width, height })
  const from = began + choice(key, 9, 120) * dayMs
  const watch = new PictureWatch(createBaseline(from), { fixed: true })
  const tally = new Tally(name, outcomes, mistakes)
  let episode: Episode | undefined
  let slot = Math.floor(dayMs / slotMs)
  let mean = 0
  const minutes = (days * dayMs) / minuteMs
  let taken: Taken[] = []
  for (let minute = 0; minute < minutes; minute++) {
    // Snapshots are never exactly a minute apart.
    const ts = from + minute * minuteMs + Math.floor(2_000 * uniform(key, 1_000 + minute))
    const surroundings = surroundingsAt(street, ts)
    if (episode && ts >= episode.to) episode = undefined
    const begins = from + slot * slotMs + 30 * minuteMs * uniform(key, 500 + slot)
    if (!episode && ts >= begins) {
      episode = nextEpisode(key, slot, ts, surroundings, mean, sceneSettings)
      slot += 1
    }
    const mode = episode?.fault ?? 'normal'
    const severity = episode?.severity ?? 0
    const frame = scene.shoot({ clock: ts, light: 1, mode, moving: false, surroundings, severity })
    if (mode === 'normal') mean = meanOf(frame)
    taken.push({ ts, frame, episode })
    if (taken.length < picturesAtOnce && minute < minutes - 1) continue
    const sent = await compress(taken, qualityAt(quality, surroundings))
    for (const [at, picture] of sent.entries()) {
      const hash = createHash('sha1').update(picture.luma).digest('base64')
      const one = taken[at] as Taken
      tally.note(watch.observeFrame(picture, hash, one.ts), one.episode, one.ts, watch.figures.at(-1))
    }
    taken = []
  }
  return minutes
}

interface Taken {
  readonly ts: number
  readonly frame: Frame
  readonly episode: Episode | undefined
}

function meanOf({ luma }: Frame): number {
  let sum = 0
  for (const value of luma) sum += value
  return sum / luma.length
}

/**
 * What compression leaves of pictures. They are compressed as one tall JPEG, an hour at once: the blocks of a JPEG do not depend
 * on each other, and each call costs far more than a small picture.
 */
async function compress(taken: readonly Taken[], quality: number): Promise<Frame[]> {
  const { width, height } = (taken[0] as Taken).frame
  const tall = new Uint8Array(width * height * taken.length)
  for (const [at, { frame }] of taken.entries()) tall.set(frame.luma, at * width * height)
  const { luma } = await decode(await encode({ width, height: height * taken.length, luma: tall }, quality))
  return taken.map((_, at) => ({ width, height, luma: luma.slice(at * width * height, (at + 1) * width * height) }))
}

/** A camera with little bandwidth compresses more while it rains. */
function qualityAt(quality: number, { rain }: Surroundings): number {
  return Math.max(30, Math.round(quality - 25 * rain))
}

function traitsOf(key: Key): { street: Street; scene: Partial<SceneSettings>; quality: number } {
  const world = createWorld(choice(key, 0, 1_000_000), calendarOf(emptyCalendar), [])
  const night = (['lamps', 'lamps', 'infrared', 'infrared', 'none'] as const satisfies NightLight[])[choice(key, 1, 5)]
  const burntIn = (['seconds', 'seconds', 'minutes', 'nothing'] as const)[choice(key, 2, 4)]
  // From cameras that remove nearly all noise to cheap ones.
  const noise = 0.1 * 30 ** uniform(key, 3)
  return {
    street: {
      seed: choice(key, 4, 1_000_000),
      night: night ?? 'lamps',
      traffic: 3 * uniform(key, 5),
      savesLight: uniform(key, 6) < 0.5,
      weather: weatherAt({ site: 'street', area: 'street' }, world),
    },
    scene: {
      seed: choice(key, 7, 1_000_000),
      noise,
      burntIn: burntIn ?? 'seconds',
      exposure: { target: 85 + 40 * uniform(key, 8), maxGain: 3 + 12 * uniform(key, 10) },
    },
    quality: 45 + choice(key, 11, 45),
  }
}

/** Undefined where nobody could see the fault that is due. */
function nextEpisode(
  key: Key,
  slot: number,
  ts: number,
  { fog }: Surroundings,
  mean: number,
  { burntIn }: Partial<SceneSettings>,
): Episode | undefined {
  const fault = pictureFaults[choice(key, 100 + slot, pictureFaults.length)]
  if (fault === undefined || (fault === 'frozen_clock_runs' && burntIn === 'nothing')) return undefined
  const isFrozen = fault === 'frozen' || fault === 'frozen_clock_runs'
  const least = fault === 'dark' || fault === 'overexposed' ? minLitMean : minMean
  if (isFrozen ? mean < minFrozenMean : fog > maxFog || mean < least) return undefined
  const lastsMs = (20 + 30 * uniform(key, 200 + slot)) * minuteMs
  return { fault, from: ts, to: ts + lastsMs, severity: uniform(key, 300 + slot) }
}

/** Compares what is reported of one camera with what happened. */
class Tally {
  readonly #name: string
  readonly #outcomes: Record<PictureFault, FaultOutcome>
  readonly #mistakes: string[]
  #last: Episode | undefined
  #isNoticed = false
  /** What is reported although it did not happen. */
  #wrong: PictureState | undefined

  constructor(name: string, outcomes: Record<PictureFault, FaultOutcome>, mistakes: string[]) {
    this.#name = name
    this.#outcomes = outcomes
    this.#mistakes = mistakes
  }

  #begin(episode: Episode): void {
    this.#outcomes[episode.fault].episodes += 1
    this.#last = episode
    this.#isNoticed = false
  }

  note(state: PictureState, episode: Episode | undefined, ts: number, figures: unknown): void {
    if (episode && episode !== this.#last) this.#begin(episode)
    const last = this.#last
    const isOf = last !== undefined && isSameFault(state, last.fault) && ts < last.to + graceMs
    if (last && isOf && !this.#isNoticed) {
      this.#isNoticed = true
      this.#outcomes[last.fault].noticed += 1
      this.#outcomes[last.fault].noticedMs.push(ts - last.from)
    }
    if (last && !episode && !this.#isNoticed) {
      this.#isNoticed = true
      this.#mistake(`${last.fault} (${last.severity.toFixed(2)}) was not noticed`, ts, figures)
    }
    const isWrong = !isOf && state !== 'ok' && state !== 'unknown'
    if (isWrong && state !== this.#wrong) {
      this.#outcomes[state].falseAlarms += 1
      this.#mistake(`${state} was reported${episode ? ` during ${episode.fault}` : ''}`, ts, figures)
    }
    this.#wrong = isWrong ? state : undefined
  }

  #mistake(text: string, ts: number, figures: unknown): void {
    if (this.#mistakes.length >= maxMistakes) return
    const at = new Date(ts + 7 * hourMs).toISOString().slice(5, 16)
    this.#mistakes.push(`${this.#name} ${at} ${text} ${JSON.stringify(figures)}`)
  }
}

/** Without a burnt-in clock, or while it stands between two minutes, the two are the same. */
function isSameFault(state: PictureState, fault: PictureFault): boolean {
  return state === fault || (state.startsWith('frozen') && fault.startsWith('frozen'))
}
