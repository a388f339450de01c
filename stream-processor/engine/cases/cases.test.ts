import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CaseFigures, type CaseIndicator, caseIndicator } from '../../indicators/case-indicator.ts'
import { publicServiceIndicators } from '../../indicators/public-services.ts'
import { newest, type OracleVersion, recomputeCases, valueOfNothing } from '../../testing/cases-oracle.ts'
import type { CaseDeadline, CasePoint } from './case-point.ts'
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
    closedAgo: fc.option(quarters(0, 288), { freq: 1 }),
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

interface Output {
  readonly points: CasePoint[]
  readonly deadlines: CaseDeadline[]
}

const newOutput = (): Output => ({ points: [], deadlines: [] })

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

  const give = (act: (target: Cases, out: Output) => void): void => {
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

/** What one history of versions of a case leaves behind: taken in this order, then given out. */
function leave(indicators: readonly CaseIndicator[], versions: readonly Version[]) {
  const cases = createCases(indicators, { latenessMs })
  const out = newOutput()
  cases.advance(t0, out)
  for (const version of versions) cases.take(version as Parameters<Cases['take']>[0], t0)
  cases.flush(out)
  return cases.changes().cases
}

const dossier = (own: Partial<OracleVersion['case']>, beside: Partial<Version> = {}): Parameters<Cases['take']>[0] => ({
  type: 'one_stop',
  site: 'site-1',
  device: 'desk-a',
  area: 'north',
  ts: t0,
  ...beside,
  case: { id: '1', state: 'x', opened: t0 - dayMs, ...own },
})

describe('versions', () => {
  test('of the same time leave the same case behind, whichever comes first', () => {
    const alike = draftOf(0).map((draft) => ({ ...draft, type: 'one_stop', site: 'site-1', id: '1' }))
    // Few times, so that versions often differ by a name only.
    const draft = alike.map((one) => ({ ...one, openedAgo: quarterMs, dueAfter: null, closedAgo: null }))
    fc.assert(
      fc.property(fc.array(fc.oneof(draft, alike), { minLength: 2, maxLength: 6 }), (drafts) => {
        const versions = drafts.map((one) => versionOf(one, t0))
        const left = leave(allWindows, versions)
        expect(leave(allWindows, versions.toReversed())).toEqual(left)
        const [winner] = newest(
          allWindows,
          versions.map((version) => ({ ...version, takenAt: 0 })),
        )
        const { device, area, case: own } = winner as OracleVersion
        // A case is not closed before it was opened.
        const closed = own.closed ? Math.max(own.closed, own.opened) : null
        const groups = [String(own['field'] ?? '-')]
        expect(left).toMatchObject([{ device, area: area ?? null, opened: own.opened, closed, groups }])
      }),
      runs,
    )
  })

  test('of a dossier with the same number at another site are of another case', () => {
    const versions = [dossier({}), dossier({}, { site: 'site-2' }), dossier({}, { type: 'document' })]
    expect(leave(allWindows, versions)).toHaveLength(3)
  })

  test.each([
    ['opened in seconds', { opened: t0 / 1000 }, 'opened'],
    ['due in microseconds', { due: t0 * 1000 }, 'due'],
    ['closed at no number', { closed: Number.NaN }, 'closed'],
  ])('%s: the reason is given, and nothing is counted', (_what, own, name) => {
    const cases = createCases(allWindows, { latenessMs })
    expect(cases.take(dossier(own), t0)).toEqual([{ device: 'desk-a', reason: expect.stringContaining(`: ${name} `) }])
    expect(cases.counts().cases).toBe(0)
  })

  test('of no declared type are refused with the reason', () => {
    const cases = createCases(allWindows, { latenessMs })
    expect(cases.take(dossier({}, { type: 'constructor' }), t0)).toMatchObject([{ device: 'desk-a' }])
  })

  test('with an attribute of another kind count without it, and say so', () => {
    const cases = createCases(allWindows, { latenessMs })
    const [fault] = cases.take(dossier({ field: 7, online: 'yes' }), t0)
    expect(fault?.reason).toContain('field')
    expect(cases.changes().cases).toMatchObject([{ groups: ['-'], conditions: 0 }])
  })

  test('from a clock that is ahead are clamped to the arrival, so that a true one can follow', () => {
    const cases = createCases(allWindows, { latenessMs })
    cases.take(dossier({ opened: t0 + dayMs, due: t0 + 30 * dayMs }, { ts: t0 + dayMs }), t0)
    expect(cases.counts().clamped).toBe(1)
    cases.take(dossier({ opened: t0 }, { ts: t0 + 1 }), t0 + 1)
    expect(cases.changes().cases).toMatchObject([{ opened: t0, due: null, ts: t0 + 1 }])
  })
})

const keyOf = ({ type, site, case: { id } }: OracleVersion): string => `${type}/${site}/${id}`

describe('deadlines', () => {
  test('fire by themselves, each once, and not those of cases that are closed or postponed', () => {
    const pass = (steps: readonly Step[]) => {
      const cases = createCases(allWindows, { latenessMs })
      const all: OracleVersion[] = []
      const fired = new Map<string, number | null | undefined>()
      let time = t0
      for (const step of steps) {
        if (step.kind === 'take') {
          const drafted = versionOf({ ...step.draft, type: 'one_stop', site: 'site-1' }, time)
          // Few due times, so that versions often keep the one that has passed, or come back to it.
          const due = drafted.case.due ? t0 + ((drafted.case.due / quarterMs) % 3) * 6 * hourMs : null
          const version = { ...drafted, case: { ...drafted.case, due } }
          cases.take(version as Parameters<Cases['take']>[0], time)
          all.push({ ...version, takenAt: time })
          // Another due time than that which has passed passes anew.
          for (const one of newest(allWindows, all))
            if (fired.get(keyOf(one)) !== one.case.due) fired.delete(keyOf(one))
        } else if (step.kind === 'advance') {
          time += step.quarters * quarterMs
          const expected = newest(allWindows, all).filter((one) => {
            const { opened, due, closed } = one.case
            const passed = typeof due === 'number' && Math.max(due, opened) < time && typeof closed !== 'number'
            return passed && !fired.has(keyOf(one))
          })
          const out = newOutput()
          cases.advance(time, out)
          const told = out.deadlines.map(({ type, site, id, due }) => `${type}/${site}/${id} ${due}`)
          expect(told.sort()).toEqual(expected.map((one) => `${keyOf(one)} ${one.case.due}`).sort())
          for (const one of expected) fired.set(keyOf(one), one.case.due)
        }
      }
    }
    fc.assert(fc.property(history(dayMs), pass), runs)
  })

  test('pass without any event, and count as overdue from then on', () => {
    const overdue = publicServiceIndicators.filter(({ id }) => id === 'one_stop_overdue')
    const cases = createCases(overdue, { latenessMs })
    const out = newOutput()
    cases.take(dossier({ due: t0 + hourMs }), t0)
    for (let hour = 0; hour <= 3; hour++) cases.advance(t0 + hour * hourMs, out)
    expect(out.deadlines).toEqual([{ type: 'one_stop', site: 'site-1', device: 'desk-a', id: '1', due: t0 + hourMs }])
    const district = out.points.filter(({ place, ts }) => place.scope === 'district' && ts > t0)
    // On time until the due time itself.
    expect(district.map(({ value }) => value)).toEqual([0, 1, 1])
  })
})

describe('memory', () => {
  test('closed cases leave after the longest window and the lateness; open ones stay', () => {
    const cases = createCases(shortWindows, { latenessMs })
    for (let id = 0; id < 100; id++) cases.take(dossier({ id: `${id}`, closed: id % 2 === 0 ? t0 : null }), t0)
    const kept = 6 * hourMs + latenessMs
    cases.advance(t0 + kept, newOutput())
    expect(cases.counts()).toMatchObject({ cases: 100, open: 50 })
    cases.changes()
    cases.advance(t0 + kept + 1, newOutput())
    expect(cases.counts()).toMatchObject({ cases: 50, open: 50 })
    const { removed } = cases.changes()
    expect(removed).toHaveLength(50)
  })

  test('beyond the limits cases and keys are counted, not kept', () => {
    const cases = createCases(shortWindows, { latenessMs, maxCases: 2, maxKeys: 1 })
    for (const id of ['1', '2', '3']) cases.take(dossier({ id, field: id }), t0)
    expect(cases.counts()).toMatchObject({ cases: 2, refused: 1 })
    expect(cases.counts().keysRefused).toBeGreaterThan(0)
  })

  test('ids of any length and script are told apart, and come back from a checkpoint', () => {
    const id = fc.oneof(fc.constantFrom('1', 'x'.repeat(39), 'x'.repeat(40), 'Đ1', 'é1'), fc.string({ minLength: 1 }))
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (ids, nth) => {
        const cases = createCases(shortWindows, { latenessMs })
        const closes = (index: number) => index % nth === 0
        for (const [index, one] of ids.entries()) {
          cases.take(dossier({ id: one, closed: closes(index) ? t0 : null }), t0)
        }
        cases.advance(t0 + 2 * dayMs, newOutput())
        const open = ids.filter((_, index) => !closes(index)).sort()
        const saved = cases.changes()
        expect(saved.cases.map((one) => one.id).sort()).toEqual(open)
        const again = createCases(shortWindows, { latenessMs })
        again.restore(saved)
        for (const one of open) again.take(dossier({ id: one, closed: t0 }, { ts: t0 + 1 }), t0 + 2 * dayMs)
        expect(again.counts()).toMatchObject({ cases: open.length, open: 0 })
      }),
      runs,
    )
  })

  test('a state that was saved for other declarations is not taken', () => {
    const saved = createCases(allWindows, { latenessMs }).changes()
    expect(() => createCases(shortWindows, { latenessMs }).restore(saved)).toThrow('other indicators')
  })
})

describe('live values', () => {
  test('are of the window that the clock is in, and asked for only where something may have changed', () => {
    const cases = createCases(allWindows, { latenessMs })
    cases.advance(t0, newOutput())
    expect(cases.current('touched')).toEqual([])
    cases.take(dossier({ opened: t0 - quarterMs, field: 'land' }), t0)
    const values = () =>
      cases
        .current('touched')
        .filter(({ indicator, place }) => indicator.id === 'counts_day' && place.scope === 'district')
        .map(({ read }) => read()?.value)
    expect(values()).toEqual([
      digest({ received: 1, backlog: 1, closed: 0, closedOnTime: 0, overdue: 0 } as CaseFigures),
    ])
    expect(values()).toEqual([])
    cases.advance(t0 + dayMs, newOutput())
    expect(values()).toEqual([
      digest({ received: 0, backlog: 1, closed: 0, closedOnTime: 0, overdue: 0 } as CaseFigures),
    ])
  })
})

describe('declarations', () => {
  test('of public services have different ids', () => {
    const ids = publicServiceIndicators.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('with a misspelt attribute do not compile', () => {
    const window = { kind: 'calendar', unit: 'day' } as const
    const rest = { ...common, id: 'x', source: 'one_stop', window, scopes: ['site'], value: digest } as const
    // @ts-expect-error one-stop dossiers have a field, no feild
    caseIndicator({ ...rest, by: 'feild' })
    // @ts-expect-error the condition may not ask for what is not declared
    caseIndicator({ ...rest, where: ({ onlin }) => onlin === true })
    // @ts-expect-error whether it was submitted online is no text
    caseIndicator({ ...rest, where: ({ online }) => online === 'yes' })
    expect(caseIndicator({ ...rest, by: 'field', where: ({ online }) => online === true }).kind).toBe('cases')
  })
})
