import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { CaseClaim, CaseDeadline, CasePoint } from '../engine/cases/case-point.ts'
import { Cases } from '../engine/cases/cases.ts'
import type { CaseChanges } from '../engine/cases/saved.ts'
import type { Fault } from '../engine/measurement.ts'
import { type CaseFigures, type CaseIndicator, caseIndicator } from '../indicators/case-indicator.ts'
import { type OracleVersion, recomputeCases, valueOfNothing } from './cases-oracle.ts'
import { mergeCases } from './saved-cases.ts'

export const runs = { numRuns: propertyRuns(40) }
export const quarterMs = 900_000
export const hourMs = 4 * quarterMs
export const dayMs = 24 * hourMs
/** 2025-11-28 12:00 in Asia/Ho_Chi_Minh: a few days on, a month ends. */
export const t0 = Date.UTC(2025, 10, 28, 5)
export const latenessMs = 12 * hourMs

/** All counts in one exact number. */
export const digest = ({ received, closed, closedOnTime, backlog, overdue }: CaseFigures) =>
  received + 100 * (closed + 100 * (closedOnTime + 100 * (backlog + 100 * overdue)))

const title = { vi: 'x', en: 'x' }
const about = { vi: 'Thử.', en: 'A test.' }
export const everywhere = ['device', 'site', 'area', 'district'] as const
export const common = { title, about, unit: '1', formula: 'x' }
export const sixHours = { kind: 'sliding', size_s: 21_600, every_s: 3600 } as const
const twoHours = { kind: 'tumbling', size_s: 7200 } as const

export const shortWindows = [
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

export const allWindows = [
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

export type Version = Omit<OracleVersion, 'takenAt'>

/** A version as a history has it: all times are relative to when it is taken. */
export interface Draft {
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
  readonly channel: string | undefined
  readonly online: boolean | null
  readonly satisfaction: number | null
}

export type Step =
  | { readonly kind: 'take'; readonly draft: Draft }
  | { readonly kind: 'advance'; readonly quarters: number }
  | { readonly kind: 'flush' | 'save' | 'crash' }

/** Quarters of an hour: so that many times fall on the bounds of windows, and on each other. */
const quarters = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * quarterMs)

/** @param latestMs how late a version may come after its own `ts` */
export const draftOf = (latestMs: number): fc.Arbitrary<Draft> =>
  fc.record({
    type: fc.constantFrom('one_stop', 'one_stop', 'citizen_report'),
    site: fc.constantFrom('site-1', 'site-2'),
    device: fc.constantFrom('desk-a', 'desk-b'),
    area: fc.constantFrom('north', 'south', undefined),
    id: fc.constantFrom('1', '2', '3'),
    openedAgo: quarters(0, 288),
    dueAfter: fc.option(quarters(-8, 300)),
    closedAgo: fc.option(quarters(0, 288), { freq: 1 }),
    tsAgo: quarters(0, latestMs / quarterMs),
    field: fc.constantFrom('land', 'justice', null, undefined),
    channel: fc.constantFrom('desk', 'web', undefined),
    online: fc.constantFrom(true, false, null),
    satisfaction: fc.constantFrom(0, 2.5, null),
  })

export function versionOf(draft: Draft, now: number): Version {
  const { type, site, device, area, id, openedAgo, dueAfter, closedAgo, tsAgo, field } = draft
  const { channel, online, satisfaction } = draft
  const opened = now - openedAgo
  const closed = closedAgo === null ? null : now - closedAgo
  const due = dueAfter === null ? null : opened + dueAfter
  const own = { id, state: 'x', opened, due, closed, field, channel, online, satisfaction, category: field }
  return { type, site, device, area, ts: now - tsAgo, case: own }
}

export const history = (latestMs: number) =>
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

export interface CaseGiven {
  readonly points: CasePoint[]
  readonly deadlines: CaseDeadline[]
}

/** Takes one version of a case; returns what is wrong with it. */
export function takeOne(cases: Cases, claim: CaseClaim, arrivalMs: number): readonly Fault[] {
  const found: Fault[] = []
  cases.takeAll([claim], arrivalMs, (_, faults) => found.push(...faults))
  return found
}

export const newOutput = (): CaseGiven => ({ points: [], deadlines: [] })

/** A stretch of a history under the same indicators. */
export interface Phase {
  readonly indicators: readonly CaseIndicator[]
  readonly steps: readonly Step[]
}

export interface Word {
  readonly value: number | undefined
  readonly samples: number
  readonly indicator: CaseIndicator
}

/**
 * Plays a history, with restarts from the last checkpoint, and remembers the last word on each point. Indicators change
 * at a checkpoint: points and their span are those under the last ones.
 */
export function play(phases: readonly Phase[]) {
  const points = new Map<string, Word>()
  const taken: OracleVersion[] = []
  let cases: Cases | undefined
  let saved: CaseChanges | undefined
  let writing: CaseChanges | undefined
  const sinceSaved: ((target: Cases) => void)[] = []
  let time = t0
  let clock = Number.NEGATIVE_INFINITY
  let firstClock: number | undefined

  for (const { indicators, steps } of phases) {
    // A checkpoint is written while the stream goes on: here at the last moment.
    const write = (): void => {
      if (writing) saved = mergeCases(saved, writing)
      writing = undefined
    }
    const save = (): void => {
      write()
      writing = cases?.changes()
      sinceSaved.length = 0
    }
    const restart = (): Cases => {
      write()
      cases = new Cases(indicators, { latenessMs })
      if (saved) cases.restore(structuredClone(saved))
      for (const act of sinceSaved) act(cases)
      return cases
    }
    save()
    points.clear()
    firstClock = Number.isFinite(clock) ? clock : undefined
    restart()

    const give = (act: (target: Cases, out: CaseGiven) => void): void => {
      const run = (target: Cases) => {
        const out = newOutput()
        act(target, out)
        note(points, out)
      }
      sinceSaved.push(run)
      run(cases ?? restart())
    }

    for (const step of [...steps, { kind: 'advance', quarters: 1 } as const, { kind: 'flush' } as const]) {
      if (step.kind === 'take') {
        const version = versionOf(step.draft, time)
        taken.push({ ...version, takenAt: clock })
        const arrival = time
        give((target) => expect(takeOne(target, version as CaseClaim, arrival)).toEqual([]))
      } else if (step.kind === 'advance') {
        time += step.quarters * quarterMs
        const reached = time
        clock = reached
        firstClock ??= reached
        give((target, out) => target.advance(reached, out))
      } else if (step.kind === 'flush') {
        give((target, out) => target.flush(out))
      } else if (step.kind === 'save') {
        save()
      } else {
        restart()
      }
    }
  }
  const span = { fromMs: (firstClock ?? clock) - latenessMs, toMs: clock, latenessMs }
  return { cases: cases as Cases, points, taken, span }
}

/** Remembers the last word on each point. */
export function note(words: Map<string, Word>, { points }: Pick<CaseGiven, 'points'>): void {
  for (const { indicator, place, ts, value, samples } of points) {
    const key = `${indicator.id}|${place.scope}|${place.key}|${place.group ?? ''}|${ts}`
    words.set(key, { value, samples, indicator })
  }
}

/** Whether what was said of windows is what all versions together say. */
export function expectOracle(
  indicators: readonly CaseIndicator[],
  { points, taken, span }: Pick<ReturnType<typeof play>, 'points' | 'taken' | 'span'>,
): void {
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
