import { expect, test } from 'vitest'
import { eventsBeyond, eventsOf } from './case-events.ts'
import { CaseSeries, figuresOf } from './case-series.ts'
import { type CaseVersion, never } from './case-version.ts'

const hour = 3_600_000
const opened: CaseVersion = {
  site: 's',
  device: 'desk',
  area: undefined,
  id: '1',
  ts: 0,
  opened: 1 * hour,
  due: 4 * hour,
  closed: never,
  passed: false,
  attributes: {},
}
const overdue: CaseVersion = { ...opened, passed: true }
const closedLate: CaseVersion = { ...overdue, closed: 6 * hour }
const closedInTime: CaseVersion = { ...opened, closed: 3 * hour }

test.each([
  ['an open case was received', opened, [[1, { received: 1 }]]],
  [
    'its deadline has passed',
    overdue,
    [
      [1, { received: 1 }],
      [4, { overdue: 1 }],
    ],
  ],
  [
    'it was closed late, and is not overdue any more',
    closedLate,
    [
      [1, { received: 1 }],
      [4, { overdue: 1 }],
      [6, { closed: 1, closedOnTime: 0, handlingMs: 5 * hour, overdue: -1 }],
    ],
  ],
  [
    'it was closed on time',
    closedInTime,
    [
      [1, { received: 1 }],
      [3, { closed: 1, closedOnTime: 1, handlingMs: 2 * hour, overdue: 0 }],
    ],
  ],
] as const)('%s', (_, version, expected) => {
  expect(eventsOf(version).map(({ ts, adds }) => [ts / hour, adds])).toEqual(expected)
})

test('a newer version retracts what it does not share with the one before, and adds its own', () => {
  const [before, after] = [eventsOf(closedLate), eventsOf(closedInTime)]
  expect(eventsBeyond(before, after).map(({ ts }) => ts / hour)).toEqual([4, 6])
  expect(eventsBeyond(after, before).map(({ ts }) => ts / hour)).toEqual([3])
  expect(eventsBeyond(before, before)).toEqual([])
})

test('figures of a window follow from what was added and retracted, also of a window before the newest', () => {
  const grid = { paneMs: hour, offsetMs: 0 }
  const stream = {
    id: 'x',
    scope: 'district',
    by: undefined,
    where: undefined,
    grid,
    windows: [],
    series: new Map<string, CaseSeries>(),
    oldestPane: 0,
  } as const
  const series = new CaseSeries(stream, { scope: 'district', key: 'district' })
  const at = (from: number, to: number) => figuresOf([series.partial(from * hour, to * hour)])
  for (const event of eventsOf(closedLate)) series.add(event, 1)
  expect(at(0, 5)).toMatchObject({ received: 1, closed: 0, backlog: 1, overdue: 1 })
  expect(at(5, 7)).toMatchObject({ received: 0, closed: 1, closedOnTime: 0, backlog: 0, overdue: 0 })
  expect(at(5, 7).handlingQuantileMs(0.5)).toBeCloseTo(5 * hour, -6)
  for (const event of eventsOf(closedLate)) series.add(event, -1)
  for (const event of eventsOf(closedInTime)) series.add(event, 1)
  expect(at(0, 5)).toMatchObject({ received: 1, closed: 1, closedOnTime: 1, backlog: 0, overdue: 0 })
  expect(at(5, 7)).toMatchObject({ closed: 0, backlog: 0, handlingMeanMs: undefined })
})
