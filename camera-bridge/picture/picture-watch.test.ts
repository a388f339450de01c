import { daylight } from '@ioc/simulator/onvif-camera/daylight.ts'
import { encode, type PictureMode, Scene } from '@ioc/simulator/onvif-camera/scene.ts'
import { describe, expect, test } from 'vitest'
import { type Baseline, createBaseline, learnQuiet } from './baseline.ts'
import { PictureWatch } from './picture-watch.ts'

const minute = 60_000
/** Eight in the morning. */
const morning = Date.parse('2026-11-03T08:00:00+07:00')

interface Clip {
  readonly noise?: number
  readonly from?: number
  /** Light; by default that of the time of day. */
  readonly light?: number
  readonly moving?: boolean
  readonly fixed?: boolean
  /** What is wrong at a minute of the clip. */
  readonly mode?: (minute: number) => PictureMode
  readonly quality?: (minute: number) => number
  readonly everyMinutes?: number
  /** Added to each pixel at a minute of the clip. */
  readonly glow?: (minute: number) => number
  readonly baseline?: Baseline
}

/** Watches a clip of a picture a minute; resolves to the state after each. */
async function watchClip(
  minutes: number,
  clip: Clip,
): Promise<{ readonly states: string[]; readonly watch: PictureWatch }> {
  const { from = morning, noise = 1.5, moving = false, fixed = true, everyMinutes = 1 } = clip
  const scene = new Scene({ width: 320, height: 180, noise })
  const watch = new PictureWatch(clip.baseline ?? createBaseline(from), { fixed })
  const states: string[] = []
  for (let at = 0; at < minutes; at += everyMinutes) {
    // Snapshots are never exactly a minute apart, so that the seconds of the clock change too.
    const ts = from + at * minute + ((at * 7_919) % 3_000)
    const mode = clip.mode?.(at) ?? 'normal'
    const frame = scene.shoot({ clock: ts, light: clip.light ?? daylight(ts), mode, moving })
    const glow = clip.glow?.(at) ?? 0
    const lit = glow === 0 ? frame : { ...frame, luma: frame.luma.map((value) => Math.min(255, value + glow)) }
    states.push(await watch.observe(await encode(lit, clip.quality?.(at) ?? 80), ts))
  }
  return { states, watch }
}

const bad =
  (mode: PictureMode, from = 20, to = Number.POSITIVE_INFINITY) =>
  (at: number) =>
    at >= from && at < to ? mode : 'normal'
const firstOf = (states: readonly string[], state: string) => states.indexOf(state)

describe('pictures', () => {
  test.each([
    ['noise of 0.3', { noise: 0.3 }],
    ['noise of 0.7', { noise: 0.7 }],
    ['noise of 6', { noise: 6 }],
    ['a car', { moving: true }],
    ['a night', { light: 0 }],
    ['a dark and quiet night', { light: 0, noise: 0.3 }],
  ] satisfies [string, Clip][])('of a live camera with %s are in order', async (_, clip) => {
    const { states } = await watchClip(60, clip)
    expect(new Set(states)).toEqual(new Set(['ok']))
  })

  test.each([
    ['noise of 0.7', { noise: 0.7 }],
    ['noise of 6', { noise: 6 }],
    ['a car', { moving: true }],
    ['a night', { light: 0 }],
  ] satisfies [string, Clip][])(
    'that stand still after some with %s are frozen within six minutes, and not before five',
    async (_, clip) => {
      for (const mode of ['frozen', 'frozen_clock_runs'] as const) {
        const { states } = await watchClip(40, { ...clip, mode: bad(mode, 20, 32) })
        // The twentieth repeats the nineteenth: its pair is the first.
        expect(firstOf(states, mode)).toBeGreaterThanOrEqual(24)
        expect(firstOf(states, mode)).toBeLessThanOrEqual(25)
        expect(states.slice(34).every((state) => state === 'ok')).toBe(true)
      }
    },
  )

  test.each([
    ['covered', 6],
    ['overexposed', 6],
    ['moved', 11],
    ['blurred', 11],
    ['dark', 16],
  ] as const)('that are %s are reported once it lasts, and no longer than it lasts', async (mode, minutes) => {
    for (const noise of [0.7, 3]) {
      const { states } = await watchClip(60, { noise, mode: bad(mode, 30, 50) })
      expect(new Set(states.slice(0, 30))).toEqual(new Set(['ok']))
      expect(firstOf(states, mode) - 30).toBeLessThanOrEqual(minutes)
      expect(new Set(states.slice(30 + minutes, 50))).toEqual(new Set([mode]))
      expect(new Set(states.slice(52))).toEqual(new Set(['ok']))
    }
  })

  test('a hand before the lens for three minutes is not reported', async () => {
    const { states } = await watchClip(60, { mode: bad('covered', 30, 33) })
    expect(new Set(states)).toEqual(new Set(['ok']))
  })

  test('a soft picture that is washed out, as by fog before lamps, is not called blurred', async () => {
    const soft = { mode: bad('blurred', 30, 50) }
    expect((await watchClip(60, { ...soft, glow: () => 0 })).states).toContain('blurred')
    const { states } = await watchClip(60, { ...soft, glow: (at) => (at >= 30 && at < 50 ? 90 : 0) })
    expect(states).not.toContain('blurred')
  })

  test('equal bytes are a frozen picture again a day after the camera sent some for five minutes', async () => {
    const baseline = createBaseline(morning - 1_440 * minute)
    learnQuiet(baseline, 'day', 5 * minute)
    const { states } = await watchClip(30, { noise: 0.3, mode: bad('frozen'), baseline })
    expect(firstOf(states, 'frozen')).toBeGreaterThanOrEqual(24)
    expect(firstOf(states, 'frozen')).toBeLessThanOrEqual(25)
  })

  test('a camera that removes all noise is not called frozen for a quiet scene, but for equal bytes', async () => {
    const denoised = await watchClip(60, { noise: 0, mode: (at) => (at % 3 === 0 ? 'normal' : 'frozen_clock_runs') })
    expect(denoised.states).not.toContain('frozen_clock_runs')
    const { states } = await watchClip(40, { noise: 0, mode: bad('frozen') })
    expect(states).toContain('frozen')
  })

  test('two days and nights of a street are in order', { timeout: 120_000 }, async () => {
    const { states } = await watchClip(2 * 1_440, { moving: true, everyMinutes: 4, noise: 1 })
    expect(new Set(states)).toEqual(new Set(['ok']))
  })

  test('what was learned survives a restart', async () => {
    const { watch } = await watchClip(60, {})
    const saved = JSON.parse(JSON.stringify(watch.baseline))
    const again = new PictureWatch(saved, { fixed: true })
    const scene = new Scene({ width: 320, height: 180 })
    const states: string[] = []
    for (let at = 0; at < 14; at++) {
      const ts = morning + (61 + at) * minute
      const frame = scene.shoot({ clock: ts, light: 1, mode: 'blurred', moving: false })
      states.push(await again.observe(await encode(frame), ts))
    }
    expect(states.at(-1)).toBe('blurred')
  })

  test('a document that is not a picture is an invalid answer', async () => {
    const watch = new PictureWatch(createBaseline(0), { fixed: true })
    await expect(watch.observe(Buffer.from('<html>'), 0)).rejects.toMatchObject({ code: 'CAMERA_ANSWER_INVALID' })
    const whole = await encode(new Scene().shoot({ clock: 0, light: 1, mode: 'normal', moving: false }))
    await expect(watch.observe(whole.subarray(0, whole.length / 2), 0)).rejects.toMatchObject({
      code: 'CAMERA_ANSWER_INVALID',
    })
  })
})
