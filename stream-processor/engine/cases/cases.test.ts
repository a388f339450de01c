import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CaseFigures, type CaseIndicator, caseIndicator } from '../../indicators/case-indicator.ts'
import { caseIndicators } from '../../indicators/table.ts'
import {
  allWindows,
  common,
  type Draft,
  dayMs,
  digest,
  draftOf,
  expectOracle,
  history,
  hourMs,
  latenessMs,
  newOutput,
  play,
  quarterMs,
  runs,
  type Step,
  shortWindows,
  t0,
  takeOne,
  type Version,
  versionOf,
} from '../../testing/case-history.ts'
import { newest, type OracleVersion } from '../../testing/cases-oracle.ts'
import { casesIn, mergeCases } from '../../testing/saved-cases.ts'
import type { CaseClaim, CurrentValue } from './case-point.ts'
import { figuresOf } from './case-series.ts'
import { Cases } from './cases.ts'
import type { CaseChanges } from './saved.ts'

describe('case indicators', () => {
  test('equal a recomputation from all versions, under disorder, lateness, moves and restarts', () => {
    fc.assert(
      fc.property(history(dayMs + latenessMs), (steps) =>
        expectOracle(allWindows, play([{ indicators: allWindows, steps }])),
      ),
      runs,
    )
  })

  test('equal it too when closed cases leave memory in between', () => {
    fc.assert(
      fc.property(history(latenessMs), (steps) =>
        expectOracle(shortWindows, play([{ indicators: shortWindows, steps }])),
      ),
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
        const partials = relocated.flatMap(
          (part) => play([{ indicators: allWindows, steps: part }]).cases.partial(indicator, place, end) ?? [],
        )
        const whole = play([{ indicators: allWindows, steps: relocated.flat() }]).cases.partial(indicator, place, end)
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
  const cases = new Cases(indicators, { latenessMs })
  const out = newOutput()
  cases.advance(t0, out)
  for (const version of versions) takeOne(cases, version as CaseClaim, t0)
  cases.flush(out)
  return casesIn(cases.changes())
}

const dossier = (own: Partial<OracleVersion['case']>, beside: Partial<Version> = {}): CaseClaim => ({
  type: 'one_stop',
  site: 'site-1',
  device: 'desk-a',
  area: 'north',
  ts: t0,
  ...beside,
  case: { id: '1', state: 'x', opened: t0 - dayMs, ...own },
})

test('a device that was removed leaves what the others alone would have led to, also after a restart', () => {
  const shown = (cases: Cases) => {
    const values = cases.current().map(({ topic, read }) => [topic, read()] as const)
    return new Map(values.filter(([, value]) => value && value.samples > 0))
  }
  // A case stays at its device: one that moved would be gone with the last.
  const draft = draftOf(latenessMs).map((one) => ({ ...one, id: `${one.device}-${one.id}` }))
  const property = fc.property(
    fc.array(draft, { maxLength: 40 }),
    fc.array(draft, { maxLength: 10 }),
    (drafts, later) => {
      const [whole, others] = [0, 1].map(() => new Cases(allWindows, { latenessMs })) as [Cases, Cases]
      const isRemoved = (one: Draft) => one.site === 'site-1' && one.device === 'desk-a'
      const take = (cases: Cases, from: readonly Draft[], now: number) => {
        for (const one of from) takeOne(cases, versionOf(one, now) as CaseClaim, now)
      }
      for (const cases of [whole, others]) cases.advance(t0 - hourMs, newOutput())
      take(whole, drafts, t0)
      take(
        others,
        drafts.filter((one) => !isRemoved(one)),
        t0,
      )
      whole.advance(t0 + hourMs, newOutput())
      whole.forget(new Set(['site-1/desk-a']), undefined)
      others.advance(t0 + hourMs, newOutput())
      expect(shown(whole)).toEqual(shown(others))
      const again = new Cases(allWindows, { latenessMs })
      again.restore(mergeCases(undefined, whole.changes()))
      for (const cases of [whole, others, again]) {
        take(cases, later, t0 + 2 * hourMs)
        cases.advance(t0 + 9 * hourMs, newOutput())
      }
      expect(shown(whole)).toEqual(shown(others))
      expect(shown(again)).toEqual(shown(others))
      expect(again.counts().open).toBe(others.counts().open)
    },
  )
  fc.assert(property, runs)
})

describe('versions', () => {
  test('that arrive together leave what they leave one by one, of the same case as well', () => {
    // Few ids, so that a batch has many versions of the same case; some of no declared type, or without a time.
    const faulty = draftOf(0).map((draft) => ({ ...draft, type: 'constructor' }))
    const timeless = draftOf(0).map((draft) => ({ ...draft, site: 'site-3', tsAgo: Number.NaN }))
    const draft = fc.oneof({ weight: 8, arbitrary: draftOf(latenessMs) }, faulty, timeless)
    const batches = fc.array(fc.array(draft, { maxLength: 300 }), { minLength: 1, maxLength: 4 })
    const property = fc.property(batches, (drafts) => {
      const one = new Cases(allWindows, { latenessMs })
      const other = new Cases(allWindows, { latenessMs })
      let saved: CaseChanges | undefined
      for (const [index, batch] of drafts.entries()) {
        const now = t0 + index * hourMs
        const claims = batch.map((each) => versionOf(each, now) as CaseClaim)
        const faults = claims.map((claim) => takeOne(one, claim, now))
        const together = claims.map((): readonly unknown[] => [])
        other.takeAll(claims, now, (at, found) => {
          together[at] = found
        })
        expect(together).toEqual(faults)
        const [given, expected] = [newOutput(), newOutput()]
        other.advance(now, given)
        one.advance(now, expected)
        expect(given).toEqual(expected)
        expect(other.counts()).toEqual(one.counts())
        saved = mergeCases(saved, other.changes())
      }
      // Numbers in the rows mean after a restart what they meant before.
      const again = new Cases(allWindows, { latenessMs })
      if (saved) again.restore(saved)
      const last = t0 + drafts.length * hourMs
      const sent = drafts.flat().map((each) => versionOf(each, last) as CaseClaim)
      again.takeAll(sent, last, () => {})
      other.takeAll(sent, last, () => {})
      const { cases, open } = other.counts()
      expect(again.counts()).toMatchObject({ cases, open })
    })
    fc.assert(property, runs)
  })

  test('of the same time leave the same case behind, whichever comes first', () => {
    const alike = draftOf(0).map((draft) => ({ ...draft, type: 'one_stop', site: 'site-1', id: '1' }))
    // Few times, so that versions often differ by a name only.
    const draft = alike.map((one) => ({ ...one, openedAgo: quarterMs, dueAfter: null, closedAgo: null }))
    fc.assert(
      fc.property(fc.array(fc.oneof(draft, alike), { minLength: 2, maxLength: 6 }), (drafts) => {
        const versions = drafts.map((one) => versionOf(one, t0))
        const left = leave(allWindows, versions)
        expect(leave(allWindows, versions.toReversed())).toEqual(left)
        const [winner] = newest(versions.map((version) => ({ ...version, takenAt: 0 })))
        const { device, area, case: own } = winner as OracleVersion
        // A case is not closed before it was opened.
        const closed = own.closed ? Math.max(own.closed, own.opened) : Number.POSITIVE_INFINITY
        const { field, channel, online } = own
        const attributes = { field: field ?? undefined, channel, online: online ?? undefined }
        expect(left).toMatchObject([{ device, area, opened: own.opened, closed, attributes }])
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
    const cases = new Cases(allWindows, { latenessMs })
    expect(takeOne(cases, dossier(own), t0)).toEqual([
      { device: 'desk-a', reason: expect.stringContaining(`: ${name} `) },
    ])
    expect(cases.counts().cases).toBe(0)
  })

  test('of no declared type are refused with the reason', () => {
    const cases = new Cases(allWindows, { latenessMs })
    expect(takeOne(cases, dossier({}, { type: 'constructor' }), t0)).toMatchObject([{ device: 'desk-a' }])
  })

  test('with an attribute of another kind count without it, and say so', () => {
    const cases = new Cases(allWindows, { latenessMs })
    const [fault] = takeOne(cases, dossier({ field: 7, online: 'yes' }), t0)
    expect(fault?.reason).toContain('field')
    expect(casesIn(cases.changes())).toMatchObject([{ attributes: { field: undefined, online: undefined } }])
  })

  test('from a clock that is ahead are clamped to the arrival, so that a true one can follow', () => {
    const cases = new Cases(allWindows, { latenessMs })
    takeOne(cases, dossier({ opened: t0 + dayMs, due: t0 + 30 * dayMs }, { ts: t0 + dayMs }), t0)
    expect(cases.counts().clamped).toBe(1)
    takeOne(cases, dossier({ opened: t0 }, { ts: t0 + 1 }), t0 + 1)
    expect(casesIn(cases.changes())).toMatchObject([{ opened: t0, due: Number.POSITIVE_INFINITY, ts: t0 + 1 }])
  })
})

const keyOf = ({ type, site, case: { id } }: OracleVersion): string => `${type}/${site}/${id}`

describe('deadlines', () => {
  test('fire by themselves, each once, and not those of cases that are closed or postponed', () => {
    const pass = (steps: readonly Step[]) => {
      const cases = new Cases(allWindows, { latenessMs })
      const all: OracleVersion[] = []
      const fired = new Map<string, number | null | undefined>()
      let time = t0
      for (const step of steps) {
        if (step.kind === 'take') {
          const drafted = versionOf({ ...step.draft, type: 'one_stop', site: 'site-1' }, time)
          // Few due times, so that versions often keep the one that has passed, or come back to it.
          const due = drafted.case.due ? t0 + ((drafted.case.due / quarterMs) % 3) * 6 * hourMs : null
          const version = { ...drafted, case: { ...drafted.case, due } }
          takeOne(cases, version as CaseClaim, time)
          all.push({ ...version, takenAt: time })
          // Another due time than that which has passed passes anew.
          for (const one of newest(all)) if (fired.get(keyOf(one)) !== one.case.due) fired.delete(keyOf(one))
        } else if (step.kind === 'advance') {
          time += step.quarters * quarterMs
          const expected = newest(all).filter((one) => {
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
    const hourly = { kind: 'sliding', size_s: 2_592_000, every_s: 3600 } as const
    const overdue = caseIndicators
      .filter(({ id }) => id === 'one_stop_overdue')
      .map((one) => ({ ...one, window: hourly }))
    const cases = new Cases(overdue, { latenessMs })
    const out = newOutput()
    takeOne(cases, dossier({ due: t0 + hourMs }), t0)
    for (let hour = 0; hour <= 3; hour++) cases.advance(t0 + hour * hourMs, out)
    expect(out.deadlines).toEqual([{ type: 'one_stop', site: 'site-1', device: 'desk-a', id: '1', due: t0 + hourMs }])
    const district = out.points.filter(({ place, ts }) => place.scope === 'district' && ts > t0)
    // On time until the due time itself.
    expect(district.map(({ value }) => value)).toEqual([0, 1, 1])
  })
})

describe('memory', () => {
  test('closed cases leave after the longest window and the lateness; open ones stay', () => {
    const cases = new Cases(shortWindows, { latenessMs })
    for (let id = 0; id < 100; id++) takeOne(cases, dossier({ id: `${id}`, closed: id % 2 === 0 ? t0 : null }), t0)
    const kept = 6 * hourMs + latenessMs
    cases.advance(t0 + kept, newOutput())
    expect(cases.counts()).toMatchObject({ cases: 100, open: 50 })
    const before = mergeCases(undefined, cases.changes())
    cases.advance(t0 + kept + 1, newOutput())
    expect(cases.counts()).toMatchObject({ cases: 50, open: 50 })
    const after = mergeCases(before, cases.changes())
    expect(casesIn(after)).toHaveLength(50)
    const again = new Cases(shortWindows, { latenessMs })
    again.restore(after)
    expect(again.counts()).toMatchObject({ cases: 50, open: 50 })
    // A new case has the number of none that is there.
    takeOne(again, dossier({ id: '100' }), t0 + kept + 1)
    expect(casesIn(mergeCases(after, again.changes()))).toHaveLength(51)
  })

  test('cases that have been at many desks count where they are', () => {
    const cases = new Cases(shortWindows, { latenessMs })
    takeOne(cases, dossier({ id: 'stays' }), t0)
    const desks = Array.from({ length: 2_000 }, (_, index) => `desk-${index}`)
    for (const [index, device] of desks.entries())
      takeOne(cases, dossier({ field: 'f' }, { device, ts: t0 + index }), t0)
    cases.advance(t0, newOutput())
    takeOne(cases, dossier({ id: 'stays' }, { ts: t0 + 1, device: 'desk-1999' }), t0)
    takeOne(cases, dossier({ field: 'f' }, { ts: t0 + 2_000, device: 'desk-b' }), t0)
    const backlogAt = (device: string, group: string) => {
      const place = { scope: 'device', key: `site-1/${device}`, group } as const
      return cases.partial(shortWindows[0] as CaseIndicator, place, t0 + hourMs)?.backlog
    }
    const found = [
      backlogAt('desk-a', '-'),
      backlogAt('desk-1999', '-'),
      backlogAt('desk-1999', 'f'),
      backlogAt('desk-b', 'f'),
    ]
    expect(found).toEqual([0, 1, 0, 1])
  })

  test('beyond the limits cases and keys are counted, not kept', () => {
    const cases = new Cases(shortWindows, { latenessMs, maxCases: 2, maxKeys: 1 })
    for (const id of ['1', '2', '3']) takeOne(cases, dossier({ id, field: id }), t0)
    expect(cases.counts()).toMatchObject({ cases: 2, refused: 1 })
    expect(cases.counts().keysRefused).toBeGreaterThan(0)
  })

  test('devices beyond the limit are one of their site, also after a restart', () => {
    const limits = { latenessMs, maxDevices: 2 }
    const before = new Cases(shortWindows, limits)
    for (const id of ['1', '2', '3', '4']) takeOne(before, dossier({ id }, { device: `desk-${id}` }), t0)
    const after = new Cases(shortWindows, limits)
    after.restore(before.changes())
    for (const cases of [before, after]) {
      takeOne(cases, dossier({ id: '5' }, { device: 'desk-5' }), t0)
      cases.advance(t0 + 2 * dayMs, newOutput())
      const keys = cases.current().filter(({ place }) => place.scope === 'device')
      expect(new Set(keys.map(({ place }) => place.key.split('/')[1]))).toEqual(new Set(['desk-1', 'desk-2', '+']))
    }
  })

  test('ids of any length and script are told apart, and come back from a checkpoint', () => {
    const id = fc.oneof(fc.constantFrom('1', 'x'.repeat(39), 'x'.repeat(40), 'Đ1', 'é1'), fc.string({ minLength: 1 }))
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (ids, nth) => {
        const cases = new Cases(shortWindows, { latenessMs })
        const closes = (index: number) => index % nth === 0
        for (const [index, one] of ids.entries()) {
          takeOne(cases, dossier({ id: one, closed: closes(index) ? t0 : null }), t0)
        }
        cases.advance(t0 + 2 * dayMs, newOutput())
        const open = ids.filter((_, index) => !closes(index)).sort()
        const saved = cases.changes()
        expect(
          casesIn(saved)
            .map((one) => one.id)
            .sort(),
        ).toEqual(open)
        const again = new Cases(shortWindows, { latenessMs })
        again.restore(saved)
        for (const one of open) takeOne(again, dossier({ id: one, closed: t0 }, { ts: t0 + 1 }), t0 + 2 * dayMs)
        expect(again.counts()).toMatchObject({ cases: open.length, open: 0 })
      }),
      runs,
    )
  })
})

describe('live values', () => {
  test('are of the window that the clock is in, and asked for only where something may have changed', () => {
    const cases = new Cases(allWindows, { latenessMs })
    cases.advance(t0, newOutput())
    const touched = () => {
      const live: CurrentValue[] = []
      cases.takeLive(1_000, live)
      return live
    }
    expect(touched()).toEqual([])
    takeOne(cases, dossier({ opened: t0 - quarterMs, field: 'land' }), t0)
    const values = () =>
      touched()
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

test('a live share is cleared where a newer version leaves no case that it is of', () => {
  const share = caseIndicator({
    ...common,
    id: 'share',
    source: 'one_stop',
    window: { kind: 'calendar', unit: 'day' },
    scopes: ['district'],
    value: ({ closed, closedOnTime }) => (closed === 0 ? undefined : closedOnTime / closed),
  })
  const cases = new Cases([share], { latenessMs })
  cases.advance(t0, newOutput())
  const read = () => {
    const live: CurrentValue[] = []
    cases.takeLive(1_000, live)
    return live.map((one) => one.read())
  }
  takeOne(cases, dossier({ due: t0, closed: t0 }), t0)
  expect(read()).toMatchObject([{ value: 1, samples: 1 }])
  takeOne(cases, dossier({ due: t0, closed: null }, { ts: t0 + 1 }), t0)
  expect(read()).toEqual([null])
})

describe('declarations', () => {
  test('of public services have different ids', () => {
    const ids = caseIndicators.map(({ id }) => id)
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
