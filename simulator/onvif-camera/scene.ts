import sharp from 'sharp'
import { type Key, keyOf, uniform } from '../noise.ts'
import {
  defaultExposure,
  type Exposed,
  type Exposure,
  expose,
  isTree,
  type LightMaps,
  lightMapsOf,
} from './exposure.ts'
import type { Surroundings } from './surroundings.ts'

/** What a picture shows. Each is a fault of its own; `normal` is none. */
export const pictureModes = [
  'normal',
  'frozen',
  'frozen_clock_runs',
  'covered',
  'dark',
  'blurred',
  'moved',
  'overexposed',
] as const
export type PictureMode = (typeof pictureModes)[number]

export interface SceneSettings {
  readonly width: number
  readonly height: number
  readonly seed: number
  /** Standard deviation of the sensor's noise, in steps of luma. */
  readonly noise: number
  /** What is burnt in: the time with its seconds, without them, or nothing. */
  readonly burntIn: 'seconds' | 'minutes' | 'nothing'
  /** How pictures of surroundings are exposed. */
  readonly exposure: Exposure
}

export const defaultScene: SceneSettings = {
  width: 640,
  height: 360,
  seed: 1,
  noise: 1.5,
  burntIn: 'seconds',
  exposure: defaultExposure,
}

export interface Shot {
  /** The clock of the camera, in ms, as it is burnt into the picture. */
  readonly clock: number
  /** 1 by day, 0 at night. */
  readonly light: number
  readonly mode: PictureMode
  /** Whether vehicles pass. */
  readonly moving: boolean
  /** Weather, lights and what moves, in place of `light` and `moving`. */
  readonly surroundings?: Surroundings
  /** How bad a fault is, from 0 to 1: how far the camera was moved, what covers it. */
  readonly severity?: number
}

/** Luma of one picture, a byte a pixel. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly luma: Uint8Array
}

/** Entries of the table of Gaussian noise; each picture reads it from an offset of its own. */
const noiseTableSize = 1 << 18

/**
 * Pictures of a street: buildings, a road with vehicles, a burnt-in clock, and the noise of the sensor. A picture follows
 * from its shot and its number; two pictures of the same shot differ by their noise alone.
 */
export class Scene {
  readonly settings: SceneSettings
  readonly #key: Key
  readonly #noise: Float32Array
  readonly #backgrounds = new Map<string, Float32Array>()
  #lights: LightMaps | undefined
  #shots = 0
  #last: Frame | undefined

  constructor(settings: Partial<SceneSettings> = {}) {
    this.settings = { ...defaultScene, ...settings }
    this.#key = keyOf(this.settings.seed, 'scene')
    this.#noise = gaussianTable()
  }

  /** The next picture. A frozen one is the last picture again, with its clock running where only the picture is frozen. */
  shoot(shot: Shot): Frame {
    if (shot.mode === 'frozen' && this.#last) return this.#last
    if (shot.mode === 'frozen_clock_runs' && this.#last) {
      const frame = { ...this.#last, luma: Uint8Array.from(this.#last.luma) }
      this.#burnIn(frame, shot.clock)
      return frame
    }
    const { width, height } = this.settings
    const { luma, sigma } = shot.surroundings ? this.#surrounded(shot, shot.surroundings) : this.#lit(shot)
    const frame = { width, height, luma: this.#sensed(luma, sigma) }
    this.#burnIn(frame, shot.clock)
    this.#last = frame
    return frame
  }

  /** What falls on the sensor. */
  #lit({ mode, light, moving, clock }: Shot): { luma: Float32Array; sigma: number } {
    const { noise, width, height } = this.settings
    if (mode === 'covered') return { luma: new Float32Array(width * height).fill(6), sigma: noise }
    const shift = mode === 'moved' ? Math.round(width / 3) : 0
    const background = this.#background(shift, mode === 'blurred')
    const gain = mode === 'dark' ? 0.05 : 0.12 + 0.88 * light
    const luma = background.map((value) => value * gain)
    if (light < 0.3 && mode !== 'dark') drawLamps(luma, width, height)
    if (moving) drawCar(luma, width, height, clock)
    if (mode === 'overexposed') for (let at = 0; at < luma.length; at++) luma[at] = (luma[at] ?? 0) * 2 + 190
    // A sensor amplifies at night, and its noise with the picture.
    return { luma, sigma: noise * (light < 0.3 ? 1.5 : 1) }
  }

  /** The same with weather, lights and an automatic exposure. */
  #surrounded({ mode, severity = 0.5 }: Shot, surroundings: Surroundings): { luma: Float32Array; sigma: number } {
    const { width, height, noise, exposure } = this.settings
    this.#lights ??= lightMapsOf(width, height)
    const shift = mode === 'moved' ? Math.round(width * (0.2 + 0.6 * severity)) : 0
    const seen = expose(
      this.#background(shift, false, shift === 0),
      width,
      height,
      this.#lights,
      surroundings,
      exposure,
    )
    this.#drawRain(seen, surroundings.rain)
    const luma = this.#damaged(seen.luma, mode, severity, surroundings.sky)
    return { luma, sigma: noise * (0.5 + 0.5 * Math.sqrt(seen.gain)) }
  }

  #damaged(luma: Float32Array, mode: PictureMode, severity: number, sky: number): Float32Array {
    const { width, height } = this.settings
    switch (mode) {
      case 'covered': {
        // A cap is dark; a bag lets some light through.
        const level = severity < 0.5 ? 2 + 16 * severity : 20 + 120 * (severity - 0.5) * sky
        return luma.map((_, at) => level * (1 + 0.1 * ((at % width) / width)))
      }
      case 'blurred':
        return blur(luma, width, height, Math.max(3, Math.round((width / 40) * (0.6 + 0.8 * severity))))
      case 'dark':
        return luma.map((value) => value * (0.15 - 0.1 * severity))
      case 'overexposed':
        return luma.map((value) => value * 2 + 190)
      case 'normal':
      case 'frozen':
      case 'frozen_clock_runs':
      case 'moved':
        return luma
      default:
        return mode satisfies never
    }
  }

  /** Streaks, at other places in each picture. */
  #drawRain({ luma }: Exposed, rain: number): void {
    const { width, height } = this.settings
    const streaks = Math.round((rain * width * height) / 250)
    const key = keyOf(this.#key, 'rain', String(this.#shots))
    const length = Math.max(3, Math.round(height / 25))
    for (let streak = 0; streak < streaks; streak++) {
      const from = Math.floor(uniform(key, streak) * (luma.length - length * width))
      for (let row = 0; row < length; row++) luma[from + row * width] = (luma[from + row * width] ?? 0) + 25
    }
  }

  #burnIn(frame: Frame, clock: number): void {
    const { burntIn } = this.settings
    if (burntIn !== 'nothing') drawClock(frame, clock, burntIn === 'seconds')
  }

  #sensed(luma: Float32Array, sigma: number): Uint8Array {
    const frame = new Uint8Array(luma.length)
    const noise = this.#noise
    const from = Math.floor(uniform(this.#key, this.#shots++ % 2 ** 30) * noiseTableSize)
    for (let at = 0; at < luma.length; at++) {
      const value = (luma[at] ?? 0) + sigma * (noise[(from + at) % noiseTableSize] ?? 0)
      frame[at] = value < 0 ? 0 : value > 255 ? 255 : value + 0.5
    }
    return frame
  }

  #background(shift: number, blurred: boolean, trees = false): Float32Array {
    const name = `${shift} ${blurred} ${trees}`
    const known = this.#backgrounds.get(name)
    if (known) return known
    const { width, height } = this.settings
    const sharpOne = paintBackground(width, height, this.#key, shift)
    if (trees) paintTrees(sharpOne, width, height, this.#key)
    const background = blurred ? blur(sharpOne, width, height, Math.max(4, Math.round(width / 60))) : sharpOne
    this.#backgrounds.set(name, background)
    return background
  }
}

/** A JPEG of a frame. */
export function encode({ width, height, luma }: Frame, quality = 80): Promise<Buffer> {
  return sharp(luma, { raw: { width, height, channels: 1 } })
    .jpeg({ quality })
    .toBuffer()
}

let table: Float32Array | undefined

/** Box–Muller, over a table that all cameras share. */
function gaussianTable(): Float32Array {
  if (table) return table
  const key = keyOf(1, 'sensor')
  table = Float32Array.from({ length: noiseTableSize }, (_, at) => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform(key, 2 * at)))
    return radius * Math.cos(2 * Math.PI * uniform(key, 2 * at + 1))
  })
  return table
}

/** Sky, buildings with windows, a road with markings. */
function paintBackground(width: number, height: number, key: Key, shift: number): Float32Array {
  const luma = new Float32Array(width * height)
  const block = Math.max(8, Math.round(width / 20))
  const roadFrom = Math.round(height * 0.65)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sx = x + shift
      const column = Math.floor(sx / block)
      const roof = height * (0.15 + 0.35 * uniform(key, column))
      let value = 200 - (60 * y) / height
      if (y >= roadFrom) {
        const isMark = Math.abs(y - height * 0.82) < height / 90 && sx % (2 * block) < block
        value = isMark ? 210 : 85 + 10 * uniform(key, Math.floor(sx / 3) + 7919 * Math.floor(y / 3))
      } else if (y > roof) {
        const wall = 60 + 90 * uniform(key, column + 5000)
        const isWindow = sx % block > block * 0.3 && sx % block < block * 0.7 && y % block > block * 0.4
        value = isWindow ? wall * 0.45 : wall
      }
      luma[y * width + x] = value
    }
  }
  return luma
}

/** Leaves: small, and of all shades. */
function paintTrees(luma: Float32Array, width: number, height: number, key: Key): void {
  const leaf = Math.max(2, Math.round(width / 100))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isTree(x / width, y / height)) continue
      luma[y * width + x] = 25 + 110 * uniform(key, 40_000 + Math.floor(x / leaf) + 977 * Math.floor(y / leaf))
    }
  }
}

function drawLamps(luma: Float32Array, width: number, height: number): void {
  const radius = Math.max(2, Math.round(width / 80))
  for (let lamp = 1; lamp < 5; lamp++) {
    fill(luma, width, height, Math.round((lamp * width) / 5), Math.round(height * 0.6), radius, radius, 220)
  }
}

/** A vehicle that crosses the picture in eight seconds. */
function drawCar(luma: Float32Array, width: number, height: number, clock: number): void {
  const carWidth = Math.round(width / 8)
  const left = Math.round(((clock % 8_000) / 8_000) * (width + carWidth)) - carWidth
  fill(luma, width, height, left, Math.round(height * 0.7), carWidth, Math.round(height / 10), 160)
}

function fill(
  luma: Float32Array,
  width: number,
  height: number,
  left: number,
  top: number,
  wide: number,
  high: number,
  value: number,
): void {
  for (let y = Math.max(0, top); y < Math.min(height, top + high); y++) {
    luma.fill(value, y * width + Math.max(0, left), y * width + Math.max(0, Math.min(width, left + wide)))
  }
}

/** Means over a square, by rows and then by columns. */
function blur(luma: Float32Array, width: number, height: number, radius: number): Float32Array {
  const rows = new Float32Array(luma.length)
  const both = new Float32Array(luma.length)
  for (let y = 0; y < height; y++) runningMean(luma, rows, y * width, 1, width, radius)
  for (let x = 0; x < width; x++) runningMean(rows, both, x, width, height, radius)
  return both
}

function runningMean(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  count: number,
  radius: number,
): void {
  const at = (index: number) => from[start + step * Math.min(count - 1, Math.max(0, index))] ?? 0
  let sum = 0
  for (let index = -radius; index <= radius; index++) sum += at(index)
  for (let index = 0; index < count; index++) {
    to[start + step * index] = sum / (2 * radius + 1)
    sum += at(index + radius + 1) - at(index - radius)
  }
}

/** Rows of 3 × 5 dots of the digits and the colon. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  0: [7, 5, 5, 5, 7],
  1: [2, 6, 2, 2, 7],
  2: [7, 1, 7, 4, 7],
  3: [7, 1, 7, 1, 7],
  4: [5, 5, 7, 1, 1],
  5: [7, 4, 7, 1, 7],
  6: [7, 4, 7, 5, 7],
  7: [7, 1, 1, 1, 1],
  8: [7, 5, 7, 5, 7],
  9: [7, 5, 7, 1, 7],
  ':': [0, 2, 0, 2, 0],
}

/** The time of day, burnt in at the top left on a black ground. */
function drawClock({ width, height, luma }: Frame, clock: number, hasSeconds: boolean): void {
  const dot = Math.max(1, Math.round(width / 320))
  const text = new Date(clock).toISOString().slice(11, hasSeconds ? 19 : 16)
  const wide = (4 * text.length + 1) * dot
  for (let y = 0; y < Math.min(height, 7 * dot); y++) luma.fill(0, y * width, y * width + Math.min(width, wide))
  for (const [index, letter] of [...text].entries()) {
    for (const [row, bits] of (glyphs[letter] ?? []).entries()) {
      for (let bit = 0; bit < 3; bit++) {
        if ((bits & (4 >> bit)) === 0) continue
        const left = (4 * index + 1 + bit) * dot
        for (let y = (row + 1) * dot; y < (row + 2) * dot; y++) luma.fill(255, y * width + left, y * width + left + dot)
      }
    }
  }
}
