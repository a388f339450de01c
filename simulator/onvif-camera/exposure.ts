import { clamp } from '../numbers.ts'
import type { Surroundings, Thing } from './surroundings.ts'

/** How a camera exposes its pictures. */
export interface Exposure {
  /** Mean luma that the camera aims at, and how far it can amplify. */
  readonly target: number
  readonly maxGain: number
}

export const defaultExposure: Exposure = { target: 105, maxGain: 12 }

/** The least gain: the shortest exposure. */
const minGain = 0.6
/** Light of a night without any lamp, of the lamps below them, and of the infrared lamp in the middle. */
const starlight = 0.001
const lampLight = 0.22
const infraredLight = 0.2
/** Of every so many pixels one is metered. */
const meteredEvery = 13
/** Where the road begins: above it the view is far, and fog is thick. */
const horizon = 0.65
const lampCount = 4
const maxLuma = 255

/** What falls on the sensor, amplified: luma before its noise, and the gain that the noise has too. */
export interface Exposed {
  readonly luma: Float32Array
  readonly gain: number
}

/** Where each lamp shines; computed once for a size of pictures. */
export interface LightMaps {
  readonly even: Float32Array
  readonly odd: Float32Array
  readonly infrared: Float32Array
}

export function lightMapsOf(width: number, height: number): LightMaps {
  const [even, odd, infrared] = [0, 1, 2].map(() => new Float32Array(width * height)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      for (let lamp = 0; lamp < lampCount; lamp++) {
        const [dx, dy] = [(x / width - (lamp + 0.5) / lampCount) * 5, (y / height - 0.7) * 2.5]
        const map = lamp % 2 === 0 ? even : odd
        map[at] = (map[at] ?? 0) + lampLight * Math.exp(-(dx * dx + dy * dy))
      }
      const [dx, dy] = [x / width - 0.5, y / height - 0.55]
      infrared[at] = infraredLight * Math.exp(-5 * (dx * dx + dy * dy))
    }
  }
  return { even, odd, infrared }
}

/** A picture of a background in its surroundings, as a camera with automatic exposure takes it. */
export function expose(
  background: Float32Array,
  width: number,
  height: number,
  maps: LightMaps,
  surroundings: Surroundings,
  { target, maxGain }: Exposure,
): Exposed {
  const { sky, shade, shadeFrom, fog, lamps, infrared, sway } = surroundings
  const ambient = starlight + sky
  const shaded = starlight + sky * (1 - shade)
  const shadeColumn = shadeFrom * width
  const [even, odd] = lamps
  const { even: evenMap, odd: oddMap, infrared: infraredMap } = maps
  const lightAt = (at: number, x: number) =>
    (x < shadeColumn ? ambient : shaded) +
    even * (evenMap[at] ?? 0) +
    odd * (oddMap[at] ?? 0) +
    infrared * (infraredMap[at] ?? 0)
  let metered = 0
  for (let at = 0; at < background.length; at += meteredEvery)
    metered += (background[at] ?? 0) * lightAt(at, at % width)
  const mean = metered / Math.ceil(background.length / meteredEvery)
  const gain = clamp(target / Math.max(mean, 1e-6), minGain, maxGain)
  // Fog shows the light that falls on it.
  const haze = Math.min(maxLuma, 200 * gain * (ambient + (even + odd) * 0.05 + infrared * 0.15))
  const luma = new Float32Array(background.length)
  const swayed = Math.round(sway * width)
  for (let y = 0; y < height; y++) {
    const near = clamp((y / height - horizon) / (1 - horizon), 0, 1)
    const thick = 1 - (1 - fog) ** (1 - 0.7 * near)
    const [clear, hazy] = [gain * (1 - thick), haze * thick]
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      luma[at] = (background[at] ?? 0) * lightAt(at, x) * clear + hazy
    }
    if (swayed === 0) continue
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      if (isTree(x / width, y / height)) luma[at] = (background[at + swayed] ?? 0) * lightAt(at, x) * clear + hazy
    }
  }
  drawThings(luma, width, height, surroundings, gain, 1 - fog)
  return { luma, gain }
}

/** Trees stand at the left and the right, above the road. */
export function isTree(x: number, y: number): boolean {
  return y > 0.3 && y < horizon && (x < 0.16 || (x > 0.8 && x < 0.97))
}

function drawThings(
  luma: Float32Array,
  width: number,
  height: number,
  { sky, vehicles, headlights, insects, lamps }: Surroundings,
  gain: number,
  clear: number,
): void {
  const light = Math.min(1, (sky + 0.1 * lamps[0]) * gain) * clear
  for (const { luma: shade, ...thing } of vehicles) {
    blend(luma, width, height, thing, 30 + 190 * shade * light, light)
  }
  for (const { x, y, width: size } of headlights) {
    glow(luma, width, height, { x, y, width: size * 1.6, height: size * 1.6 }, 120 * clear)
    for (const side of [-0.4, 0.4]) {
      glow(luma, width, height, { x: x + side * size, y, width: size / 4, height: size / 4 }, 400)
    }
  }
  for (const insect of insects) glow(luma, width, height, insect, 220)
}

/** An opaque box, as far as the light shows it. */
function blend(
  luma: Float32Array,
  width: number,
  height: number,
  { x, y, width: wide, height: high }: Omit<Thing, 'luma'>,
  value: number,
  share: number,
): void {
  const [left, right] = [Math.max(0, Math.round(x * width)), Math.min(width, Math.round((x + wide) * width))]
  const bottom = Math.min(height, Math.round((y + high) * height))
  for (let row = Math.max(0, Math.round(y * height)); row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const at = row * width + column
      luma[at] = (luma[at] ?? 0) * (1 - share) + value * share
    }
  }
}

/** Light around a point, which fades with the distance. */
function glow(
  luma: Float32Array,
  width: number,
  height: number,
  { x, y, width: wide, height: high }: Omit<Thing, 'luma'>,
  value: number,
): void {
  const [radiusX, radiusY] = [Math.max(1, wide * width), Math.max(1, high * height)]
  const [centreX, centreY] = [x * width, y * height]
  const right = Math.min(width - 1, Math.ceil(centreX + radiusX))
  const bottom = Math.min(height - 1, Math.ceil(centreY + radiusY))
  for (let row = Math.max(0, Math.floor(centreY - radiusY)); row <= bottom; row++) {
    for (let column = Math.max(0, Math.floor(centreX - radiusX)); column <= right; column++) {
      const [dx, dy] = [(column - centreX) / radiusX, (row - centreY) / radiusY]
      const near = 1 - dx * dx - dy * dy
      const at = row * width + column
      if (near > 0) luma[at] = Math.min(maxLuma, (luma[at] ?? 0) + value * near * near)
    }
  }
}
