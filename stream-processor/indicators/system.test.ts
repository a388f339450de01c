import { describe, expect, test } from 'vitest'
import { nameOf, type OracleEvent } from '../testing/oracle.ts'
import { play } from '../testing/play.ts'
import { systemIndicators } from './system.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight, UTC. */
const t0 = Date.UTC(2026, 1, 1)

/** Every half hour of six days; the disk fills by `perDay` a day from 70 % on. */
const machine = (device: string, perDay: number): OracleEvent[] =>
  Array.from({ length: 6 * 48 }, (_, half) => ({
    type: 'system',
    site: 's',
    device,
    ts: t0 + half * (hourMs / 2),
    values: { disk_used_percent: 70 + (perDay * half) / 48, cpu_percent: 20, net_rx_bytes_per_s: 1000 },
  }))

describe('a disk', () => {
  const events = [...machine('a', 2), ...machine('b', 0), ...machine('c', -1)].sort((x, y) => x.ts - y.ts)
  const values = play(systemIndicators, events, t0 + 14 * dayMs)
  const at = (id: string, device: string, ms: number) =>
    values.get(nameOf(id, 'device', `s/${device}`, undefined, t0 + ms))

  test('that fills by 2 % a day from 70 % is full after 15 days', () => {
    expect(at('system_disk_growth_7d', 'a', 5 * dayMs)?.value).toBeCloseTo(2)
    // After five days and an hour: 80 % less what half an hour makes.
    expect(at('system_disk_days_left', 'a', 5 * dayMs)).toMatchObject({
      value: expect.closeTo(10 + 1 / 48),
      level: 2,
    })
  })

  test('that was measured for less than a day has no growth yet', () => {
    expect(at('system_disk_growth_7d', 'a', dayMs / 2)).toBeUndefined()
    expect(at('system_disk_days_left', 'a', dayMs / 2)).toBeUndefined()
  })

  test('that does not grow has no day on which it is full', () => {
    for (const device of ['b', 'c']) expect(at('system_disk_days_left', device, 5 * dayMs)).toBeUndefined()
    expect(at('system_disk_growth_7d', 'c', 5 * dayMs)?.value).toBeCloseTo(-1)
  })
})
