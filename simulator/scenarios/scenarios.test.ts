import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { floodReadings } from './flood.ts'
import { eventKinds, midnightBefore } from './scenario.ts'
import { scenarios } from './table.ts'

const begin = Date.parse('2026-11-20T09:30:00+07:00')
const district = readFileSync(join(import.meta.dirname, '../../district/example-sites.yaml'), 'utf8')
const areas = readFileSync(join(import.meta.dirname, '../../district/areas.yaml'), 'utf8')

test('there is a scenario of each kind of event, which holds that event alone', () => {
  for (const kind of eventKinds) {
    const events = scenarios[kind].events(begin)
    expect(events.map((event) => event.kind)).toEqual([kind])
  }
  expect(new Set(scenarios.normal.events(begin).map(({ kind }) => kind)).size).toBeGreaterThan(4)
})

test.each(Object.entries(scenarios))(
  '%s names sites and areas that there are, and ends after it begins',
  (_, scenario) => {
    for (const { from, to, site, area } of scenario.events(begin)) {
      expect(to).toBeGreaterThan(from)
      if (site !== undefined) expect(district).toContain(`site: ${site},`)
      if (area !== undefined) expect(areas).toContain(`"${area}"`)
    }
  },
)

test('at speed 1 each scenario of one event is on when the demonstration starts, or soon after', () => {
  for (const kind of eventKinds) {
    const { age_ms, course_ms, events } = scenarios[kind]
    const [event] = events(begin)
    const soon = begin + age_ms + 10 * 60_000
    expect(event?.from).toBeLessThanOrEqual(soon)
    expect(event?.to).toBeGreaterThanOrEqual(begin + age_ms)
    expect(course_ms).toBeGreaterThan(age_ms)
  }
})

test('the flood begins at a midnight, and has the spill of 17 November at 10:00 of its third day', () => {
  const [event] = scenarios.flood.events(begin)
  expect(event?.from).toBe(Date.parse('2026-11-20T00:00:00+07:00'))
  expect(midnightBefore(Date.parse('2026-11-20T00:00:00+07:00'))).toBe(event?.from)
  const spills = floodReadings.filter(({ spill }) => spill !== undefined)
  expect(spills.map(({ hour, spill }) => [Math.round(hour), spill])).toEqual([
    [58, 500],
    [58, 600],
  ])
  expect(58 - 2 * 24).toBe(10)
})
