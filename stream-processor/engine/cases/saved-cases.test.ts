import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CaseType, flag, quantity, text } from '@ioc/contract/case-types/case-type.ts'
import { oneStop } from '@ioc/contract/case-types/one-stop.ts'
import { caseTypes } from '@ioc/contract/case-types/table.ts'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { caseIndicator } from '../../indicators/case-indicator.ts'
import { openCheckpointStore } from '../../state/checkpoint-store.ts'
import {
  allWindows,
  common,
  dayMs,
  digest,
  draftOf,
  everywhere,
  expectOracle,
  history,
  hourMs,
  latenessMs,
  newOutput,
  play,
  runs,
  shortWindows,
  sixHours,
  t0,
  takeOne,
  versionOf,
} from '../../testing/case-history.ts'
import type { OracleVersion } from '../../testing/cases-oracle.ts'
import { testEngine } from '../../testing/engine.ts'
import { casesIn, mergeCases } from '../../testing/saved-cases.ts'
import type { Output } from '../engine.ts'
import type { CaseClaim } from './case-point.ts'
import { Cases } from './cases.ts'
import type { CaseChanges } from './saved.ts'

const month = { kind: 'calendar', unit: 'month' } as const

/** Keeps closed cases for a month: for longer than a history is. */
const before = [
  ...allWindows,
  caseIndicator({ ...common, id: 'month', source: 'one_stop', window: month, scopes: ['site'], value: digest }),
]

/** Other groups, conditions and scopes, a longer window, other panes. */
const after = [
  caseIndicator({
    ...common,
    id: 'quarter_by_channel',
    source: 'one_stop',
    window: { kind: 'calendar', unit: 'quarter' },
    scopes: ['site', 'district'],
    by: 'channel',
    value: digest,
  }),
  caseIndicator({
    ...common,
    id: '60d_of_land',
    source: 'one_stop',
    window: { kind: 'sliding', size_s: 60 * 86_400, every_s: 5400 },
    scopes: everywhere,
    where: ({ field, online }) => field === 'land' && online !== true,
    value: digest,
  }),
  caseIndicator({
    ...common,
    id: '6h_by_satisfaction',
    source: 'citizen_report',
    window: sixHours,
    scopes: everywhere,
    by: 'satisfaction',
    value: digest,
  }),
  caseIndicator({
    ...common,
    id: 'day_by_online',
    source: 'one_stop',
    window: { kind: 'calendar', unit: 'day' },
    scopes: ['area'],
    by: 'online',
    value: digest,
  }),
]

const shortAfter = [
  caseIndicator({
    ...common,
    id: '5h_by_channel',
    source: 'one_stop',
    window: { kind: 'sliding', size_s: 5 * 3600, every_s: 1800 },
    scopes: everywhere,
    by: 'channel',
    where: ({ field }) => field !== 'justice',
    value: digest,
  }),
]

const dossier = (own: Partial<OracleVersion['case']>, ts = t0): CaseClaim => ({
  type: 'one_stop',
  site: 'site-1',
  device: 'desk-a',
  area: 'north',
  ts,
  case: { id: '1', state: 'x', opened: t0 - dayMs, ...own },
})

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newStore() {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-cases-'))
  folders.push(folder)
  return openCheckpointStore(folder)
}

describe('a state that was saved under other indicators', () => {
  test('gives what present ones give of all versions', () => {
    fc.assert(
      fc.property(history(dayMs), history(dayMs), (first, second) => {
        const phases = [
          { indicators: before, steps: first },
          { indicators: after, steps: second },
        ]
        expectOracle(after, play(phases))
      }),
      runs,
    )
  })

  test('does so where closed cases have left memory that no window needs', () => {
    fc.assert(
      fc.property(history(latenessMs), history(latenessMs), (first, second) => {
        const phases = [
          { indicators: shortWindows, steps: first },
          { indicators: shortAfter, steps: second },
        ]
        expectOracle(shortAfter, play(phases))
      }),
      runs,
    )
  })

  test('does not let deadlines pass again', () => {
    const cases = new Cases(shortWindows, { latenessMs })
    for (const [id, due] of [
      ['1', t0 - hourMs],
      ['2', t0 + hourMs],
    ] as const) {
      takeOne(cases, dossier({ id, due }), t0)
    }
    const out = newOutput()
    cases.advance(t0, out)
    const again = new Cases(after, { latenessMs })
    again.restore(mergeCases(undefined, cases.changes()))
    again.advance(t0 + 2 * hourMs, out)
    expect(out.deadlines.map(({ id }) => id)).toEqual(['1', '2'])
  })
})

describe('a type that declares other attributes than it did', () => {
  const { field, procedure, unit } = oneStop.attributes
  const { satisfaction, category } = caseTypes.citizen_report.attributes
  const was: Record<string, CaseType> = {
    one_stop: { ...oneStop, attributes: { procedure, field, unit, fee: quantity('', ''), online: text('', '') } },
    citizen_report: { ...caseTypes.citizen_report, attributes: { satisfaction, category } },
  }
  const is: Record<string, CaseType> = {
    one_stop: { ...oneStop, attributes: { weight: quantity('', ''), field, online: flag('', ''), unit } },
    citizen_report: { ...caseTypes.citizen_report, attributes: { satisfaction, category } },
  }
  const ids = ['1', 'Đ-2', 'x'.repeat(60), ...Array.from({ length: 300 }, (_, index) => `c${index}`)]

  test('keeps what has the same name and kind, through further checkpoints', async () => {
    const store = newStore()
    const others = testEngine({ indicators: [] }).changes({ live: 0, backlog: 0 })
    const through = async (changes: CaseChanges): Promise<CaseChanges> => {
      await store.save({ ...others, cases: changes })
      return store.load()?.cases as CaseChanges
    }
    const old = new Cases([], { latenessMs, types: was })
    for (const [index, id] of ids.entries()) {
      takeOne(old, dossier({ id, field: `f${index}`, unit: 'u', procedure: 'p', fee: index, online: 'yes' }), t0)
    }
    takeOne(old, { ...dossier({ category: 'road', satisfaction: 4 }), type: 'citizen_report' }, t0)
    const saved = await through(old.changes())

    const cases = new Cases([], { latenessMs, types: is })
    cases.restore(saved)
    takeOne(cases, dossier({ id: 'Đ-2', field: 'new', online: true, weight: 7 }, t0 + 1), t0 + 1)
    const changes = cases.changes()
    // Only the cases of the type that changed are saved anew, and only once.
    const saves = (some: CaseChanges) =>
      some.tables.map(({ type, pages }) => [type, pages.flatMap((one) => one.cases).length])
    expect(saves(changes)).toEqual([
      ['one_stop', ids.length],
      ['citizen_report', 0],
    ])
    expect(saves(cases.changes())).toEqual([
      ['one_stop', 0],
      ['citizen_report', 0],
    ])
    const next = await through(changes)
    const attributesOf = (id: string, index: number) =>
      id === 'Đ-2'
        ? { weight: 7, field: 'new', online: true, unit: undefined }
        : { weight: undefined, field: `f${index}`, online: undefined, unit: 'u' }
    const expected = ids.map((id, index) => ({ id, attributes: attributesOf(id, index) }))
    const found = casesIn(next)
    const dossiers = found.filter(({ type }) => type === 'one_stop')
    expect(dossiers.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))).toMatchObject(expected)
    expect(found.find(({ type }) => type === 'citizen_report')?.attributes).toEqual({
      satisfaction: 4,
      category: 'road',
    })

    const again = new Cases([], { latenessMs, types: is })
    again.restore(next)
    expect(again.counts().cases).toBe(ids.length + 1)
    expect(casesIn(again.changes())).toEqual([])
    await store.stop()
  })
})

describe('a checkpoint store', () => {
  test('gives back what was saved, checkpoint by checkpoint, and goes on as if nothing had happened', async () => {
    const options = { indicators: [], caseIndicators: shortWindows, latenessMs }
    const drafts = fc.sample(draftOf(latenessMs), { numRuns: 600, seed: 7 })
    const claims = drafts.map((draft, index) => (clock: number): CaseClaim => {
      return versionOf({ ...draft, id: `${draft.id}-${index % 200}${index % 7 === 0 ? 'Đ' : ''}` }, clock) as CaseClaim
    })
    const store = newStore()
    const undisturbed = testEngine(options)
    let engine = testEngine(options)
    let clock = t0
    for (let from = 0; from < claims.length; from += 60) {
      clock += 5 * hourMs
      for (const claim of claims.slice(from, from + 60)) {
        for (const one of [engine, undisturbed]) takeOne(one.cases, claim(clock), clock)
      }
      const [given, expected] = [engine.tick(clock), undisturbed.tick(clock)]
      // What passes at the same time passes in any order.
      const told = ({ deadlines, points }: Output) => [...deadlines, ...points].map((one) => JSON.stringify(one)).sort()
      expect(told(given)).toEqual(told(expected))
      await store.save(engine.changes({ live: from, backlog: 0 }))
      const saved = store.load()
      engine = testEngine(options)
      if (saved) engine.restore(saved)
      const { cases, open } = undisturbed.cases.counts()
      expect(engine.cases.counts()).toMatchObject({ cases, open })
    }
    await store.stop()
  })
})
