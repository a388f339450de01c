import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hourMs } from '../local-time.ts'
import { eventKinds } from './scenario.ts'
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

test('the flood is highest at 10:00, as on 17 November 2025', () => {
  const [event] = scenarios.flood.events(begin)
  expect((event?.from ?? 0) + 12 * hourMs).toBe(Date.parse('2026-11-22T10:00:00+07:00'))
})
