import { join } from 'node:path'
import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { numbersOf, recordsOf, worldOf } from '@ioc/simulator/testing/example-district.ts'
import { levelOf } from '@ioc/stream-processor/indicators/level.ts'
import { domains, referencesOf } from '@ioc/stream-processor/indicators/table.ts'
import { expect, test } from 'vitest'

const hourMs = 3_600_000
/** Twelve hours before the peak of the flood: 22:00 on 16 November 2026 in Asia/Ho_Chi_Minh. */
const began = Date.UTC(2026, 10, 16, 15)
const folder = join(import.meta.dirname, '../district')
const district = loadDistrict(
  { district: folder, exampleSites: true },
  began,
  createLogger('stream-processor', { logLevel: 'silent' }),
  referencesOf,
)

test.each(['public-services', 'documents', 'socio-economic', 'budget', 'tourism', 'health', 'education'])(
  '%s has targets of the district',
  (domain) => {
    const ids = domains.find(({ id }) => id === domain)?.indicators.map(({ id }) => id) ?? []
    const own = district.described.targets.filter(
      ({ indicator, scope }) => ids.includes(indicator) && scope === 'district',
    )
    expect(own.length).toBeGreaterThan(0)
    for (const { direction, unconfirmed } of own) expect([direction !== null, unconfirmed]).toEqual([true, true])
  },
)

const highestInFlood = (type: 'river' | 'reservoir', site: string): number => {
  const flood = { kind: 'flood', from: began, to: began + 150 * hourMs } as const
  return Math.max(...numbersOf(recordsOf(worldOf([flood]), type, { ...flood, site }), 'level_m'))
}

test.each(['thuy-van-dran', 'thuy-van-lac-lam', 'thuy-van-thanh-my', 'thuy-van-ka-don'])(
  '%s has the alarm levels I, II and III, which a flood passes and an ordinary week does not',
  (site) => {
    const levels = district.levelsAt('river_level', 'device', `${site}/river`, undefined)
    expect(levels).toEqual({ direction: 'above', attention: 3, warning: 4, critical: 5 })
    expect(levelOf(highestInFlood('river', site), levels)).toBeGreaterThan(1)
    const usual = recordsOf(worldOf(), 'river', { from: began, to: began + 150 * hourMs, site })
    expect(levelOf(Math.max(...numbersOf(usual, 'level_m')), levels)).toBe(0)
  },
)

test('the reservoir is critical above 1,043 m, which the flood reaches', () => {
  const levels = district.levelsAt('reservoir_level', 'device', 'ho-don-duong/reservoir', undefined)
  expect(levels).toEqual({ direction: 'above', warning: 1042, critical: 1043 })
  expect(levelOf(highestInFlood('reservoir', 'ho-don-duong'), levels)).toBe(3)
})
