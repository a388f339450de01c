import { expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../testing/oracle.ts'
import { play } from '../testing/play.ts'
import { securityIndicators } from './security.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Midnight in Asia/Ho_Chi_Minh. */
const t0 = Date.UTC(2026, 0, 31, 17)

/** Two eyes over an hour: one loses its link after 45 minutes; fog comes, and somebody makes a fire. */
const events = Array.from({ length: 60 }, (_, minute): OracleEvent[] =>
  ['a', 'b'].map((device) => ({
    type: 'high_camera',
    site: 'tower',
    device,
    area: '24931',
    ts: t0 + minute * minuteMs,
    values: {
      state: device === 'b' && minute >= 45 ? 'offline' : 'online',
      recording: true,
      visibility_km: minute < 30 ? 12 : 0.15,
      intrusions: minute === 7 ? 1 : 0,
      crowds: device === 'a' && minute % 20 === 0 ? 1 : 0,
      smokes: device === 'a' && minute === 50 ? 2 : 0,
    },
  })),
).flat()
const values = play(securityIndicators, events, t0 + 26 * hourMs)
const ofArea = (id: string, ms: number) => values.get(nameOf(id, 'area', '24931', undefined, t0 + ms))

test('high cameras are online for a share of the time, and counted while they are not', () => {
  expect(ofArea('security_online_1h', hourMs)).toMatchObject({ value: 87.5, level: 2 })
  expect(ofArea('security_offline_now', 40 * minuteMs)?.value).toBe(0)
  expect(ofArea('security_offline_now', hourMs)).toMatchObject({ value: 1, level: 1 })
})

test('alarms add up, and a single smoke needs attention', () => {
  expect(ofArea('security_intrusions_1h', hourMs)?.value).toBe(2)
  expect(ofArea('security_crowds_1d', 24 * hourMs)?.value).toBe(3)
  expect(ofArea('security_smokes_1h', hourMs)).toMatchObject({ value: 2, level: 1 })
  expect(ofArea('security_smokes_1d', 24 * hourMs)?.value).toBe(2)
})

test('fog has a level by the shortest view', () => {
  expect(ofArea('security_visibility_min_1h', hourMs)).toMatchObject({ value: 0.15, level: 2 })
  expect(ofArea('security_visibility_1h', hourMs)?.value).toBeCloseTo((12 + 0.15) / 2)
})
