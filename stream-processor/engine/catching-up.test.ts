import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { expect, test } from 'vitest'
import { caseIndicator } from '../indicators/case-indicator.ts'
import { derived, indicator, latest } from '../indicators/indicator.ts'
import { testEngine } from '../testing/engine.ts'
import { nameOf } from '../testing/oracle.ts'
import { mean } from './aggregates/aggregates.ts'
import type { Engine, Output } from './engine.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const latenessMs = 10 * dayMs
/** The present, and a backlog of two days before it. */
const now = Date.UTC(2026, 5, 10, 3)
const begin = now - 2 * dayMs

const words = {
  title: { vi: 'x', en: 'x' },
  about: { vi: 'x.', en: 'x.' },
  unit: '1',
  formula: 'x',
} as const
const hourly = { kind: 'sliding', size_s: 3_600, every_s: 3_600 } as const
const air = indicator({
  ...words,
  id: 'air',
  source: 'air_quality',
  window: hourly,
  scopes: ['site', 'district'],
  aggregates: { value: mean('pm25') },
  value: ({ value }) => value,
})
const smoothed = derived({
  ...words,
  id: 'smoothed',
  window: hourly,
  scopes: ['site'],
  inputs: { air: { indicator: air, values: 24 } },
  value: ({ air: values }) => values.reduce<number>((sum, one) => sum + (one ?? 0), 0),
})
const backlog = caseIndicator({
  ...words,
  id: 'backlog',
  source: 'one_stop',
  window: hourly,
  scopes: ['site'],
  value: ({ backlog: open }) => open,
})
const share = derived({
  ...words,
  id: 'share',
  window: hourly,
  scopes: ['site'],
  inputs: { open: latest(backlog) },
  value: ({ open: [open] }) => (open === undefined ? undefined : open * 100),
})

const newEngine = () =>
  testEngine({ indicators: [air, smoothed, share], caseIndicators: [backlog], latenessMs, cacheMb: 8 })

/** A record of the backlog of a node, which has been in the log since `arrival`. */
function message(kind: 'telemetry' | 'cases', node: string, records: readonly object[], arrival: number): LogRecord {
  return { kind, site: node, node: 'n', arrival, payload: Buffer.from(JSON.stringify({ records })) }
}

/** Each point that is emitted, by name: its last value, and how often it came. */
function noting() {
  const points = new Map<string, { value: number | undefined; times: number }>()
  return {
    points,
    note({ points: emitted, failures }: Output) {
      expect(failures).toEqual([])
      for (const { indicator: one, place, ts, value } of emitted) {
        const name = nameOf(one.id, place.scope, place.key, place.group, ts)
        points.set(name, { value, times: (points.get(name)?.times ?? 0) + 1 })
      }
    },
  }
}

const measuredIn = (node: string, from: number) =>
  Array.from({ length: 6 }, (_, hour) => ({
    device: 'd',
    type: 'air_quality',
    ts: from + hour * hourMs + minuteMs,
    values: { pm25: node.length + hour },
  }))
const openedIn = (node: string, from: number) =>
  Array.from({ length: 6 }, (_, hour) => {
    const opened = from + hour * hourMs
    return { device: 'k', type: 'one_stop', ts: opened, case: { id: `${node}${opened}`, state: 'received', opened } }
  })

/** The messages of three nodes, six hours each, one after the other; between two of them the clock goes on by `gapMs`. */
function play(engine: Engine, gapMs: number) {
  const { points, note } = noting()
  let clock = now
  let offset = 0
  note(engine.tick(clock))
  for (let from = begin; from < now; from += 6 * hourMs) {
    for (const node of ['a', 'bb', 'ccc']) {
      // It came at once, and waits to be read.
      const records = [
        message('telemetry', node, measuredIn(node, from), now - 10_000),
        message('cases', node, openedIn(node, from), now - 10_000),
      ]
      note(engine.process({ offset, records, next: offset + 2 }, 'backlog'))
      offset += 2
      clock += gapMs
      if (gapMs > 0) note(engine.tick(clock))
    }
  }
  for (let step = 0; step < 120 || engine.hasMore(); step++) {
    clock += 1_000
    note(engine.tick(clock))
  }
  return points
}

test('a backlog that is read slowly gives what it gives at once', () => {
  const valuesOf = (points: ReturnType<typeof play>) =>
    new Map([...points].map(([name, { value }]) => [name, value] as const).sort())
  const slowly = valuesOf(play(newEngine(), 4_000))
  expect(slowly).toEqual(valuesOf(play(newEngine(), 0)))
  expect(slowly.size).toBeGreaterThan(48 * 3 * 4)
})

test.each([
  ['air', 'site'],
  ['air', 'district'],
  ['smoothed', 'site'],
  ['backlog', 'site'],
  ['share', 'site'],
])('while a backlog is read, %s of a %s is emitted once', (id, scope) => {
  const points = [...play(newEngine(), 4_000)].filter(
    // The newest window is still open when the backlog has been read.
    ([name]) => name.startsWith(`${id}|${scope}|`) && Number(name.slice(name.lastIndexOf('|') + 1)) < now,
  )
  expect(points.length).toBeGreaterThan(40)
  expect(Math.max(...points.map(([, point]) => point.times))).toBe(1)
})

test('what a large backlog changes is emitted in steps, and all of it', () => {
  const engine = testEngine({ indicators: [air], latenessMs: 1_000 * dayMs, cacheMb: 8 })
  const { points, note } = noting()
  let offset = 0
  const sites = 40
  // The clock went to the present before.
  const hours = 24 * 30
  for (let site = 0; site < sites; site++) {
    const at = (ts: number) => ({ device: 'd', type: 'air_quality', ts, values: { pm25: site } })
    const late = Array.from({ length: hours }, (_, hour) => at(now - (hour + 1) * hourMs + minuteMs))
    const records = [message('telemetry', `s${site}`, [at(now), ...late], now)]
    note(engine.process({ offset, records, next: ++offset }))
  }
  let steps = 0
  do {
    const output = engine.tick(now + 5_000 + steps * 1_000)
    expect(output.points.length).toBeLessThan(30_000)
    note(output)
    steps++
  } while (engine.hasMore())
  expect(steps).toBeGreaterThan(1)
  expect([...points.keys()].filter((name) => name.startsWith('air|site|')).length).toBeGreaterThanOrEqual(sites * hours)
})
