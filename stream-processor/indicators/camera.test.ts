import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../testing/oracle.ts'
import { play } from '../testing/play.ts'
import { cameraIndicators } from './camera.ts'

const stepMs = 30_000
const hourMs = 3_600_000
/** Midnight in Asia/Ho_Chi_Minh. */
const t0 = Date.UTC(2026, 0, 31, 17)
/** Hours for which the last word of a camera still holds after the next one would have been due. */
const held = (300_000 - stepMs) / hourMs

/** What a camera says each half minute of two hours, if anything. */
function camera(device: string, say: (minute: number) => Record<string, string | number | boolean> | undefined) {
  return Array.from({ length: 240 }, (_, index): OracleEvent[] => {
    const values = say(index / 2)
    return values ? [{ type: 'camera', site: 's', device, ts: t0 + index * stepMs, values }] : []
  }).flat()
}

describe('cameras', () => {
  const steady = camera('a', (minute) => ({ state: 'online', recording: true, dropped_frames_total: minute * 120 }))
  const shaky = camera('b', (minute) =>
    minute >= 90
      ? undefined
      : { state: minute < 15 ? 'offline' : minute < 30 ? 'degraded' : 'online', recording: minute >= 30 },
  )
  const events = [...steady, ...shaky].sort((a, b) => a.ts - b.ts)
  const values = play(cameraIndicators, events, t0 + 26 * hourMs)
  const at = (id: string, key: string, ms: number) =>
    values.get(nameOf(id, key.includes('/') ? 'device' : 'site', key, undefined, t0 + ms))

  test('are online for a share of the time of which they say something', () => {
    expect(at('camera_online_1h', 's/a', hourMs)).toMatchObject({ value: 100, level: 0 })
    expect(at('camera_online_1h', 's/b', hourMs)).toMatchObject({ value: 50, level: 3 })
    expect(at('camera_online_1h', 's', hourMs)).toMatchObject({ value: 75, level: 3 })
    // Silent from 90 min on: what it said last holds for 5 min.
    expect(at('camera_online_1h', 's/b', 2 * hourMs)?.value).toBe(100)
  })

  test('record for a share of the time', () => {
    expect(at('camera_recording_1h', 's/b', hourMs)?.value).toBe(50)
  })

  test('drop so many frames a second', () => {
    expect(at('camera_dropped_frames_5m', 's/a', hourMs)?.value).toBeCloseTo(2)
  })

  test('are up for so many hours of a day, while they say so', () => {
    expect(at('camera_uptime_1d', 's/a', 24 * hourMs)?.value).toBeCloseTo(2 + held)
    expect(at('camera_uptime_1d', 's/b', 24 * hourMs)?.value).toBeCloseTo(1.25 + held)
    expect(at('camera_uptime_1d', 's', 24 * hourMs)?.value).toBeCloseTo(3.25 + 2 * held)
  })

  test('are counted while they are offline, and each time that they go', () => {
    expect(at('camera_offline_now', 's', 10 * 60_000)).toMatchObject({ value: 1, level: 1 })
    expect(at('camera_offline_now', 's', hourMs)).toMatchObject({ value: 0, level: 0 })
    const flapping = camera('c', (minute) => ({ state: minute % 30 < 10 ? 'offline' : 'online' }))
    const outages = play(cameraIndicators, flapping, t0 + 26 * hourMs)
    const ofDay = nameOf('camera_outages_1d', 'device', 's/c', undefined, t0 + 24 * hourMs)
    // It is offline from the start on: that is no fall. At 30, 60 and 90 minutes it falls.
    expect(outages.get(ofDay)?.value).toBe(3)
  })

  test('have gaps in what they record', () => {
    expect(at('camera_recording_gap_1d', 's/b', 24 * hourMs)?.value).toBeCloseTo(0.5)
    expect(at('camera_recording_24h', 's/b', 24 * hourMs)?.value).toBeCloseTo((100 * (1 + held)) / (1.5 + held), 1)
    expect(at('camera_online_30d', 's/a', 25 * hourMs)?.value).toBe(100)
  })
})
