import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import { expect, test } from 'vitest'
import { dayMs, hourMs, hourOf } from './local-time.ts'
import { caseSourcesOf, monday, worldOf } from './testing/example-district.ts'
import { createTimeline } from './timeline.ts'

const all = (from: number, to: number, seed = 1) =>
  caseSourcesOf(worldOf([], seed)).flatMap(({ source }) => source.changes(from, to))

test('versions come in the order of their times, and the same ones whether asked for at once or by the hour', () => {
  for (const { source } of caseSourcesOf(worldOf())) {
    const whole = source.changes(monday - 3 * dayMs, monday)
    expect(whole.map(({ ts }) => ts)).toEqual(whole.map(({ ts }) => ts).toSorted((a, b) => a - b))
  }
  const hourly = caseSourcesOf(worldOf()).map(({ source }) =>
    Array.from({ length: 72 }, (_, hour) => monday - 3 * dayMs + hour * hourMs).flatMap((ts) =>
      source.changes(ts, ts + hourMs),
    ),
  )
  expect(hourly.flat()).toEqual(all(monday - 3 * dayMs, monday))
})

test('an id is given once, and a closed case does not open again', () => {
  const opened = new Map<string, number>()
  const closed = new Set<string>()
  for (const { case: one } of all(monday - 90 * dayMs, monday)) {
    expect(opened.get(one.id) ?? one.opened).toBe(one.opened)
    opened.set(one.id, one.opened)
    expect(closed.has(one.id)).toBe(false)
    if (one.closed !== null) closed.add(one.id)
  }
  expect(closed.size).toBeGreaterThan(5_000)
})

test('every version is whole, not before it opened, and is closed at its own time', () => {
  for (const { ts, case: one } of all(monday - 30 * dayMs, monday)) {
    expect(ts).toBeGreaterThanOrEqual(one.opened)
    expect([null, ts]).toContain(one.closed)
    expect(one.due ?? ts).toBeGreaterThan(one.opened)
  }
})

test('offices close cases in office hours', () => {
  const { calendar } = worldOf()
  for (const { type, source } of caseSourcesOf(worldOf())) {
    if (type === 'lodging_registration') continue
    for (const { case: one } of source.changes(monday - 20 * dayMs, monday)) {
      if (typeof one.closed === 'number' && !calendar.isOpen(one.closed)) {
        expect(`${one.id} closed at ${hourOf(one.closed)}`).toBe('in office hours')
      }
    }
  }
})

test.each(['one_stop', 'document', 'citizen_report', 'land_file', 'violation', 'planning_request'])(
  'of %s, nearly all are closed in time, and as many are open after months as before',
  (type) => {
    const last = new Map(
      caseSourcesOf(worldOf())
        .filter((one) => one.type === type)
        .flatMap(({ source }) => source.changes(monday - 300 * dayMs, monday))
        .map(({ case: one }) => [one.id, one]),
    )
    const cases = [...last.values()]
    const openAt = (ts: number) => cases.filter((one) => one.opened <= ts && (one.closed ?? Infinity) > ts).length
    expect(openAt(monday) / openAt(monday - 154 * dayMs)).toBeGreaterThan(0.6)
    expect(openAt(monday) / openAt(monday - 154 * dayMs)).toBeLessThan(1.6)
    const closed = cases.filter((one) => one.closed !== null)
    const inTime = closed.filter((one) => Number(one.closed) <= Number(one.due)).length / closed.length
    expect(inTime).toBeGreaterThan(0.99)
  },
)

test.each([
  'one_stop',
  'document',
  'citizen_report',
  'land_file',
  'violation',
  'planning_request',
  'lodging_registration',
])(
  'of %s, what is sent where records begin makes every figure of the month before what the whole history does',
  (type) => {
    const sources = caseSourcesOf(worldOf())
      .filter((one) => one.type === type)
      .map(({ source }) => source)
    const timeline = createTimeline([], sources)
    const lastOf = (records: readonly CaseRecord[]) => [
      ...new Map(records.map((one) => [one.case.id, one.case])).values(),
    ]
    const whole = lastOf(timeline.cases(monday - 200 * dayMs, monday))
    const sent = lastOf(timeline.casesUntil(monday))
    expect(sent.length).toBe(timeline.casesUntil(monday).length)
    const closedIn = (all: typeof whole, from: number, to: number) =>
      all
        .filter(({ closed }) => closed !== null && closed !== undefined && from <= closed && closed < to)
        .map(({ id }) => id)
    const openAt = (all: typeof whole, ts: number) =>
      all.filter(({ opened, closed }) => opened < ts && (closed ?? Infinity) >= ts).map(({ id }) => id)
    for (const daysAgo of [0, 1, 7]) {
      const ts = monday - daysAgo * dayMs
      expect(openAt(sent, ts).sort()).toEqual(openAt(whole, ts).sort())
      expect(closedIn(sent, ts - 31 * dayMs, ts).sort()).toEqual(closedIn(whole, ts - 31 * dayMs, ts).sort())
    }
  },
)

test('another seed gives other cases', () => {
  expect(all(monday - dayMs, monday, 2)).not.toEqual(all(monday - dayMs, monday))
})
