import { expect, it } from 'vitest'
import { stepOf } from './routes/indicators.ts'
import { historyQuery, literal, maxPoints } from './store-query.ts'

const request = { id: 'system_cpu_1m', from: 1000, to: 2000.7, step_s: null } as const

it('asks for one series by its tags', () => {
  expect(historyQuery({ ...request, scope: 'device', key: 'site-1/dev-1' })).toBe(
    `SELECT "value", "level", "samples" FROM "indicator" WHERE "id" = 'system_cpu_1m' AND "scope" = 'device' AND "site" = 'site-1' AND "device" = 'dev-1' AND "samples" > 0 AND time >= 1000ms AND time <= 2000ms ORDER BY time DESC LIMIT ${maxPoints}`,
  )
  expect(historyQuery({ ...request, scope: 'district', key: 'district' })).not.toContain('"site"')
  expect(historyQuery({ ...request, scope: 'area', key: '24943' })).toContain(`"area" = '24943'`)
})

it('asks for a group by the tag that the store has for it', () => {
  const group = (text: string) => historyQuery({ ...request, scope: 'district', key: 'district', group: text })
  expect(group("it's\na \\ ü")).toContain(`"group" = 'it\\'s a / ü' AND`)
  expect(group('')).toContain(`"group" = '' AND`)
})

it('thins a long range to means of whole windows', () => {
  expect(historyQuery({ ...request, scope: 'site', key: 'a', step_s: 60 })).toContain('GROUP BY time(60s) fill(none)')
  expect(stepOf(0, 3_600_000, 10)).toBeNull()
  const week = 7 * 86_400_000
  const step = stepOf(0, week, 10) ?? 0
  expect(step % 10).toBe(0)
  expect(week / 1000 / step).toBeLessThanOrEqual(maxPoints)
})

it('lets no name out of its quotes', () => {
  expect(literal("it's a \\")).toBe("'it\\'s a \\\\'")
  const bad = ["a' OR 'a'='a", 'a/b/c', '', 'a b', '../x']
  for (const key of bad) expect(() => historyQuery({ ...request, scope: 'site', key })).toThrow('is not a valid name')
  expect(() => historyQuery({ ...request, id: 'x"', scope: 'site', key: 'a' })).toThrow('is not a valid indicator id')
  expect(() => historyQuery({ ...request, scope: 'district', key: 'other' })).toThrow('district')
})
