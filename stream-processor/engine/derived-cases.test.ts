import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { caseIndicator } from '../indicators/case-indicator.ts'
import { derived, indicator, latest } from '../indicators/indicator.ts'
import { createSavedState, testEngine } from '../testing/engine.ts'
import { addDerived, type Expected, nameOf } from '../testing/oracle.ts'
import { sum } from './aggregates/aggregates.ts'
import type { Engine, Output } from './engine.ts'

const runs = { numRuns: propertyRuns(60) }
const quarterMs = 900_000
const latenessMs = 48 * quarterMs
/** A whole hour. */
const t0 = Date.UTC(2026, 0, 10, 5)

const common = {
  title: { vi: 'x', en: 'x' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '1',
  formula: 'x',
  window: { kind: 'sliding', size_s: 21_600, every_s: 3600 },
  scopes: ['site', 'area', 'district'],
} as const
const ofCases = { ...common, source: 'one_stop' } as const

const received = caseIndicator({ ...ofCases, id: 'received', value: ({ received: count }) => count })
const online = caseIndicator({
  ...ofCases,
  id: 'received_online',
  where: ({ online: isOnline }) => isOnline === true,
  value: ({ received: count }) => count,
})
const share = derived({
  ...common,
  id: 'online_share',
  inputs: { online: latest(online), all: latest(received) },
  value: ({ online: [part = 0], all: [all] }) => (all ? (100 * part) / all : undefined),
})
const ratings = indicator({
  ...common,
  id: 'ratings',
  source: 'portal',
  aggregates: { value: sum('ratings') },
  value: ({ value }) => value,
})
const mixed = derived({
  ...common,
  id: 'mixed',
  inputs: { share: latest(share), ratings: latest(ratings) },
  value: ({ share: [part = -1], ratings: [stars = -1] }) => 1000 * part + stars,
})
const indicators = [share, ratings, mixed]
const caseIndicators = [received, online]

/** Of an hour, in quarters before the moment at which it arrives. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('case' as const),
      site: fc.constantFrom('s', 't'),
      id: fc.constantFrom('1', '2', '3', '4'),
      openedAgo: fc.integer({ min: 0, max: 60 }),
      closedAgo: fc.option(fc.integer({ min: 0, max: 20 })),
      online: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('portal' as const),
      site: fc.constantFrom('s', 't'),
      ago: fc.integer({ min: 0, max: 30 }),
      ratings: fc.integer({ min: 0, max: 9 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('tick' as const), quarters: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

function newEngine(archiveOf?: Parameters<typeof testEngine>[0]['archiveOf']): Engine {
  const areaOf = (site: string) => (site === 's' ? 'north' : 'south')
  return testEngine({ indicators, caseIndicators, latenessMs, areaOf, ...(archiveOf ? { archiveOf } : {}) })
}

/** The last word of an engine on each point, with restarts from a checkpoint at every `restart`. */
function play(steps: readonly Step[]) {
  const points = new Map<string, Expected>()
  const saved = createSavedState()
  let engine = newEngine()
  let time = t0
  let offset = 0
  const note = ({ points: given, failures }: Output): void => {
    expect(failures).toEqual([])
    for (const {
      indicator: { id },
      place,
      ts,
      value,
      level,
      samples,
    } of given) {
      const name = nameOf(id, place.scope, place.key, place.group, ts)
      // A window that has no case any more is void.
      if (value === undefined || samples === 0) points.delete(name)
      else points.set(name, { value, level, samples })
    }
  }
  const take = (kind: 'cases' | 'telemetry', site: string, record: object): void => {
    const payload = Buffer.from(JSON.stringify({ records: [record] }))
    const one: LogRecord = { kind, site, node: 'n', arrival: time, payload }
    note(engine.process({ offset, records: [one], next: offset + 1 }))
    offset++
  }
  for (const one of steps) {
    if (one.kind === 'case') {
      const opened = time - one.openedAgo * quarterMs
      const closed = one.closedAgo === null ? null : time - one.closedAgo * quarterMs
      const record = { id: one.id, state: 'x', opened, closed, online: one.online }
      take('cases', one.site, { device: 'desk', type: 'one_stop', ts: time, case: record })
    } else if (one.kind === 'portal') {
      const ts = time - one.ago * quarterMs
      take('telemetry', one.site, { device: 'portal', type: 'portal', ts, values: { ratings: one.ratings } })
    } else if (one.kind === 'tick') {
      time += one.quarters * quarterMs
      note(engine.tick(time))
    } else {
      saved.take(engine.changes({ live: offset, backlog: 0 }))
      engine = newEngine(saved.archiveOf)
      engine.restore(saved.saved())
    }
  }
  // Windows of measurements end when their devices have been quiet for a while.
  time += 4 * quarterMs + 20_000
  note(engine.tick(time))
  note(engine.settle())
  return { points, engine }
}

test('what is derived from cases follows its inputs, under lateness, amendments and restarts', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const { points } = play(steps)
      const isDerived = (name: string) => /^(online_share|mixed)\|/.test(name)
      const expected = new Map([...points].filter(([name]) => !isDerived(name)))
      addDerived(indicators, expected)
      expect(new Map([...points].sort())).toEqual(new Map([...expected].sort()))
    }),
    runs,
  )
})

test('a share of cases is live, and stays so over a restart', () => {
  const opened = { kind: 'case', site: 's', openedAgo: 0, closedAgo: null } as const
  const steps: Step[] = [
    { ...opened, id: '1', online: true },
    { ...opened, id: '2', online: false },
    { ...opened, id: '3', online: true },
    { ...opened, id: '4', online: true },
    { kind: 'tick', quarters: 4 },
    { kind: 'restart' },
  ]
  const { points, engine } = play(steps)
  expect(points.get(nameOf('online_share', 'site', 's', undefined, t0 + 4 * quarterMs))?.value).toBe(75)
  const live = engine.snapshot().map(({ topic, read }) => [topic, read()] as const)
  const share = live.find(([topic]) => topic.endsWith('indicator/online_share/area/north'))?.[1]
  expect(share).toMatchObject({ value: 75, ts: t0 + 8 * quarterMs })
})

test('what is derived from the cases of a node is gone with the node', () => {
  const dossier = { kind: 'case', id: '1', openedAgo: 0, closedAgo: null, online: true } as const
  const { engine } = play([
    { ...dossier, site: 's' },
    { ...dossier, site: 't' },
    { ...dossier, site: 't', id: '2', online: false },
    { kind: 'tick', quarters: 4 },
  ])
  const live = (place: string) => {
    const found = engine.snapshot().find(({ topic }) => topic.endsWith(`indicator/online_share/${place}`))
    return found?.read() ?? null
  }
  expect(live('site/s')).toMatchObject({ value: 100 })
  const removal: LogRecord = {
    kind: 'status',
    site: 's',
    node: 'n',
    arrival: engine.cases.now,
    payload: Buffer.alloc(0),
  }
  engine.process({ offset: 100, records: [removal], next: 101 })
  engine.tick(engine.cases.now + 4 * quarterMs)
  expect(live('site/s')).toBeNull()
  expect(live('site/t')).toMatchObject({ value: 50 })
  expect(live('district/district')).toMatchObject({ value: 50 })
})
