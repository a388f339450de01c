import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CaseFigures, type CaseIndicator, caseIndicator } from '../../indicators/case-indicator.ts'
import { publicServiceIndicators } from '../../indicators/public-services.ts'
import { newest, type OracleVersion, recomputeCases, valueOfNothing } from '../../testing/cases-oracle.ts'
import type { CaseDeadline, CaseOutput } from './case-point.ts'
import { type Cases, createCases } from './cases.ts'
import { figuresOf } from './figures.ts'
import type { CaseChanges } from './saved.ts'

const runs = { numRuns: Number(process.env['IOC_PROPERTY_RUNS'] ?? 300) }
const quarterMs = 900_000
const hourMs = 4 * quarterMs
const dayMs = 24 * hourMs
/** 2025-11-28 12:00 in Asia/Ho_Chi_Minh: a few days on, a month ends. */
const t0 = Date.UTC(2025, 10, 28, 5)
const latenessMs = 12 * hourMs

/** All counts in one exact number. */
const digest = ({ received, closed, closedOnTime, backlog, overdue }: CaseFigures) =>
  received + 100 * (closed + 100 * (closedOnTime + 100 * (backlog + 100 * overdue)))

const title = { vi: 'x', en: 'x' }
const everywhere = ['device', 'site', 'area', 'district'] as const
const common = { title, unit: '1', formula: 'x' }
const sixHours = { kind: 'sliding', size_s: 21_600, every_s: 3600 } as const
const twoHours = { kind: 'tumbling', size_s: 7200 } as const

const shortWindows = [
  caseIndicator({
    ...common,
    id: 'counts_6h_by_field',
    source: 'one_stop',
    window: sixHours,
    scopes: everywhere,
    by: 'field',
    value: digest,
  }),
  caseIndicator({
    ...common,
    id: 'counts_2h_online',
    source: 'one_stop',
    window: twoHours,
    scopes: everywhere,
    where: ({ online }) => online === true,
    value: digest,
  }),
  caseIndicator({
    ...common,
    id: 'mean_6h',
    source: 'one_stop',
    window: sixHours,
    scopes: ['site', 'district'],
    value: ({ handlingMeanMs }) => handlingMeanMs,
  }),
]

const allWindows = [
  ...shortWindows,
  caseIndicator({
    ...common,
    id: 'counts_day',
    source: 'one_stop',
    window: { kind: 'calendar', unit: 'day' },
    scopes: ['area', 'district'],
    value: digest,
  }),
  caseIndicator({
    ...common,
    id: 'counts_month_by_category',
    source: 'citizen_report',
    window: { kind: 'calendar', unit: 'month' },
    scopes: ['site'],
    by: 'category',
    value: digest,
  }),
  caseIndicator({
    ...common,
    id: 'p90_6h',
    source: 'one_stop',
    window: sixHours,
    scopes: ['district'],
    value: ({ handlingQuantileMs }) => handlingQuantileMs(0.9),
  }),
]

type Version = Omit<OracleVersion, 'takenAt'>

/** A version as a history has it: all times are relative to when it is taken. */
interface Draft {
  readonly type: string
  readonly site: string
  readonly device: string
  readonly area: string | undefined
  readonly id: string
  readonly openedAgo: number
  readonly dueAfter: number | null
  readonly closedAgo: number | null
  readonly tsAgo: number
  readonly field: string | null | undefined
  readonly online: boolean | null
}

type Step =
  | { readonly kind: 'take'; readonly draft: Draft }
  | { readonly kind: 'advance'; readonly quarters: number }
  | { readonly kind: 'flush' | 'save' | 'crash' }

/** Quarters of an hour: so that many times fall on the bounds of windows, and on each other. */
const quarters = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * quarterMs)

/** @param latestMs how late a version may come after its own `ts` */
const draftOf = (latestMs: number): fc.Arbitrary<Draft> =>
  fc.record({
    type: fc.constantFrom('one_stop', 'one_stop', 'citizen_report'),
    site: fc.constantFrom('site-1', 'site-2'),
    device: fc.constantFrom('desk-a', 'desk-b'),
    area: fc.constantFrom('north', 'south', undefined),
    id: fc.constantFrom('1', '2', '3'),
    openedAgo: quarters(0, 288),
    dueAfter: fc.option(quarters(-8, 300)),
    closedAgo: fc.option(quarters(0, 288)),
    tsAgo: quarters(0, latestMs / quarterMs),
    field: fc.constantFrom('land', 'justice', null, undefined),
    online: fc.constantFrom(true, false, null),
  })

function versionOf(draft: Draft, now: number): Version {
  const { type, site, device, area, id, openedAgo, dueAfter, closedAgo, tsAgo, field, online } = draft
  const opened = now - openedAgo
  const closed = closedAgo === null ? null : now - closedAgo
  const due = dueAfter === null ? null : opened + dueAfter
  const own = { id, state: 'x', opened, due, closed, field, online, category: field }
  return { type, site, device, area, ts: now - tsAgo, case: own }
}

const history = (latestMs: number) =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: draftOf(latestMs).map((draft): Step => ({ kind: 'take', draft })) },
      {
        weight: 3,
        arbitrary: fc.integer({ min: 1, max: 40 }).map((count): Step => ({ kind: 'advance', quarters: count })),
      },
      { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'flush' }, { kind: 'save' }, { kind: 'crash' }) },
    ),
    { minLength: 1, maxLength: 40 },
  )

const newOutput = (): CaseOutput => ({ points: [], deadlines: [] })

/** Plays a history, with restarts from the last checkpoint, and remembers the last word on each point. */
function play(indicators: readonly CaseIndicator[], steps: readonly Step[]) {
  const points = new Map<string, { value: number | undefined; samples: number; indicator: CaseIndicator }>()
  const taken: OracleVersion[] = []
  let cases = createCases(indicators, { latenessMs })
  const saved: CaseChanges[] = []
  const sinceSaved: ((target: Cases) => void)[] = []
  let time = t0
  let clock = Number.NEGATIVE_INFINITY
  let firstClock: number | undefined

  const give = (act: (target: Cases, out: CaseOutput) => void): void => {
    const run = (target: Cases) => {
      const out = newOutput()
      act(target, out)
      for (const { indicator, place, ts, value, samples } of out.points) {
        const key = `${indicator.id}|${place.scope}|${place.key}|${place.group ?? ''}|${ts}`
        points.set(key, { value, samples, indicator })
      }
    }
    sinceSaved.push(run)
    run(cases)
  }

  for (const step of [...steps, { kind: 'advance', quarters: 1 } as const, { kind: 'flush' } as const]) {
    if (step.kind === 'take') {
      const version = versionOf(step.draft, time)
      taken.push({ ...version, takenAt: clock })
      const arrival = time
      give((target) => expect(target.take(version as Parameters<Cases['take']>[0], arrival)).toEqual([]))
    } else if (step.kind === 'advance') {
      time += step.quarters * quarterMs
      const reached = time
      clock = reached
      firstClock ??= reached
      give((target, out) => target.advance(reached, out))
    } else if (step.kind === 'flush') {
      give((target, out) => target.flush(out))
    } else if (step.kind === 'save') {
      saved.push(structuredClone(cases.changes()))
      sinceSaved.length = 0
    } else {
      cases = createCases(indicators, { latenessMs })
      for (const changes of saved) cases.restore(structuredClone(changes))
      for (const act of sinceSaved) act(cases)
    }
  }
  const span = { fromMs: (firstClock ?? clock) - latenessMs, toMs: clock, latenessMs }
  return { cases, points, taken, span, clock }
}

function expectOracle(indicators: readonly CaseIndicator[], steps: readonly Step[]): void {
  const { points, taken, span } = play(indicators, steps)
  const expected = recomputeCases(indicators, taken, span)
  for (const [key, { value, samples, indicator }] of points) {
    const truth = expected.get(key) ?? { value: valueOfNothing(indicator), samples: 0 }
    expect({ key, samples }).toEqual({ key, samples: truth.samples })
    if (indicator.id.startsWith('p90') && value !== undefined && truth.value !== undefined) {
      expect(Math.abs(value - truth.value)).toBeLessThanOrEqual(0.010001 * truth.value)
    } else {
      expect({ key, value }).toEqual({ key, value: truth.value })
    }
  }
  const missing = [...expected].filter(([key, { value }]) => value !== undefined && !points.has(key))
  expect(missing).toEqual([])
}

describe('case indicators', () => {
  test('equal a recomputation from all versions, under disorder, lateness, moves and restarts', () => {
    fc.assert(
      fc.property(history(dayMs + latenessMs), (steps) => expectOracle(allWindows, steps)),
      runs,
    )
  })

  test('equal it too when closed cases leave memory in between', () => {
    fc.assert(
      fc.property(history(latenessMs), (steps) => expectOracle(shortWindows, steps)),
      runs,
    )
  })

  test('parts of a key, held by different partitions, add up to its figures', () => {
    fc.assert(
      fc.property(history(dayMs), fc.integer({ min: 0, max: 6 }), (steps, hours) => {
        const own = steps.filter(({ kind }) => kind === 'take')
        const parts = [own.filter((_, index) => index % 2 === 0), own.filter((_, index) => index % 2 === 1)]
        const indicator = allWindows.find(({ id }) => id === 'p90_6h') as CaseIndicator
        const end = t0 - hours * hourMs
        const place = { scope: 'district', key: 'district' } as const
        // Apart by site as well, as partitions are: the same case is never in two.
        const relocated = parts.map((part, index) =>
          part.map((step): Step => {
            const { draft } = step as Extract<Step, { kind: 'take' }>
            return { kind: 'take', draft: { ...draft, site: `site-${index}` } }
          }),
        )
        const partials = relocated.flatMap((part) => play(allWindows, part).cases.partial(indicator, place, end) ?? [])
        const whole = play(allWindows, relocated.flat()).cases.partial(indicator, place, end)
        const merged = figuresOf(partials)
        const { handlingQuantileMs: quantile, ...counts } = figuresOf(whole ? [whole] : [])
        expect(merged).toMatchObject(counts)
        expect([0, 0.5, 0.95, 1].map(merged.handlingQuantileMs)).toEqual([0, 0.5, 0.95, 1].map(quantile))
      }),
      runs,
    )
  })
})
