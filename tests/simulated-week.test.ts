import type { CaseTypeId } from '@ioc/contract/case-types/table.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import { caseSourcesOf, collected, type Placed, sourcesOf, worldOf } from '@ioc/simulator/testing/example-district.ts'
import { withInputs } from '@ioc/stream-processor/engine/plan.ts'
import { type AnyIndicator, readsCases } from '@ioc/stream-processor/indicators/indicator.ts'
import { levelOf } from '@ioc/stream-processor/indicators/level.ts'
import { caseIndicators, indicators } from '@ioc/stream-processor/indicators/table.ts'
import { recomputeCases } from '@ioc/stream-processor/testing/cases-oracle.ts'
import { addDerived, type Expected, type OracleEvent, recompute } from '@ioc/stream-processor/testing/oracle.ts'
import { type CaseEvent, playHistory } from '@ioc/stream-processor/testing/play.ts'
import { expect, test } from 'vitest'
import { changedWithoutRevision } from './harness/indicator-values.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
/** A week in which a month ends; midnight of a Monday in Asia/Ho_Chi_Minh. */
const from = Date.UTC(2026, 9, 25, 17)
const to = from + 7 * dayMs
/** All windows have ended, those of the year as well. */
const yearLater = to + 400 * dayMs
const latenessMs = 7 * dayMs

/** Of each type the devices of so many sites: the oracle is slow. `IOC_PROPERTY_RUNS` asks for more. */
const sitesPerType = propertyRuns(2)
const world = worldOf()

/** Those of the first sites of each type. */
function someOf<S>(all: readonly Placed<S>[]): Placed<S>[] {
  return [...Map.groupBy(all, ({ type }) => type).values()].flatMap((ofType) => {
    const chosen = new Set([...new Set(ofType.map(({ site }) => site.site))].slice(0, sitesPerType))
    return ofType.filter(({ site }) => chosen.has(site.site))
  })
}

const events: readonly OracleEvent[] = someOf(sourcesOf(world))
  .flatMap(({ site: { site, area }, type, source }) =>
    collected(source, from, to).map(({ device, ts = 0, values }) => ({
      type,
      site,
      area,
      device,
      ts,
      values: values as OracleEvent['values'],
    })),
  )
  .sort((a, b) => a.ts - b.ts)

const cases: readonly CaseEvent[] = someOf(caseSourcesOf(world))
  .flatMap(({ site: { site, area }, type, source }) =>
    source.changes(from, to).map(({ ts = 0, case: one }) => ({ type: type as CaseTypeId, site, area, ts, case: one })),
  )
  .sort((a, b) => a.ts - b.ts)

/** Inputs come before what is derived from them. */
const ofCases = withInputs(indicators.filter(readsCases))
const measured = indicators.filter((one) => !readsCases(one))
const ofDossiers = [...caseIndicators, ...ofCases]
const dossierSources = new Set<string>(ofCases.map(({ source }) => source))
const besideCases = events.filter(({ type }) => dossierSources.has(type))

/** What the engine emits; played once for all tests. */
const measuredValues = playHistory(measured, { events }, yearLater)
/** A minute more, in which the windows of the last midnight end; those of measurements that end later are not yet due. */
const caseValues = playHistory(ofDossiers, { events: besideCases, cases }, to + minuteMs)

const golden = new URL('golden/indicator-values.json', import.meta.url)

/** What the engine emits, where it is not what it should be. Derived values follow from the engine's own inputs. */
function wrongOf(
  all: readonly AnyIndicator[],
  actual: ReadonlyMap<string, Expected>,
  recomputed: ReadonlyMap<string, Expected>,
): unknown[] {
  const kinds = new Map(all.map((one) => [one.id, one]))
  const isDerived = (name: string) => kinds.get(idOf(name))?.kind === 'derived'
  const expected = new Map([...recomputed].filter(([name]) => !isDerived(name)))
  const derived = new Map([...actual].filter(([name]) => !isDerived(name)))
  addDerived(
    all.filter((one) => one.kind === 'derived'),
    derived,
  )
  for (const [name, one] of derived) if (isDerived(name)) expected.set(name, one)
  return [...new Set([...actual.keys(), ...expected.keys()])].flatMap((name) => {
    const [got, want] = [actual.get(name), expected.get(name)]
    return isSame(kinds.get(idOf(name)), got, want) ? [] : [{ name, got, want }]
  })
}

const idOf = (name: string): string => name.slice(0, name.indexOf('|'))
const endOf = (name: string): number => Number(name.slice(name.lastIndexOf('|') + 1))

/** Quantiles are within one per cent, other values but for rounding; so are their levels, where a value is at a limit. */
function isSame(one: AnyIndicator | undefined, got: Expected | undefined, want: Expected | undefined): boolean {
  if (!one || !got || !want || got.samples !== want.samples) return false
  const isQuantile = /quantile\(|p95\(|median\(/.test(one.formula)
  const margin = (isQuantile ? 0.010001 : 1e-9) * Math.max(1, Math.abs(want.value))
  const { attention, warning, critical } = { ...one.levels }
  const isAtLimit = [attention, warning, critical].some(
    (limit) => limit !== undefined && Math.abs(want.value - limit) <= margin,
  )
  return Math.abs(got.value - want.value) <= margin && (got.level === want.level || isAtLimit)
}

const withoutValue = (all: readonly AnyIndicator[], actual: ReadonlyMap<string, Expected>): string[] => {
  const ids = new Set([...actual.keys()].map(idOf))
  return all.map(({ id }) => id).filter((id) => !ids.has(id))
}

test('every indicator of measurements of a simulated week is what the oracle says', () => {
  expect(wrongOf(measured, measuredValues, recompute(measured, events)).slice(0, 5)).toEqual([])
  expect(withoutValue(measured, measuredValues)).toEqual([])
})

test('every indicator of cases of a simulated week, and what is derived from them, is what the oracle says', () => {
  const recomputed = new Map([...recompute(ofCases, besideCases)].filter(([name]) => endOf(name) <= to))
  const taken = cases.map((one) => ({ ...one, device: 'desk', area: one.area, takenAt: one.ts }))
  for (const [name, { value, samples }] of recomputeCases(caseIndicators, taken, {
    fromMs: (cases[0]?.ts ?? from) - latenessMs,
    toMs: to,
    latenessMs,
  })) {
    const levels = caseIndicators.find(({ id }) => id === idOf(name))?.levels
    if (value !== undefined) recomputed.set(name, { value, level: levelOf(value, levels), samples })
  }
  expect(wrongOf(ofDossiers, caseValues, recomputed).slice(0, 5)).toEqual([])
  expect(withoutValue(ofDossiers, caseValues)).toEqual([])
})

// More sites are other inputs.
test.skipIf(process.env['IOC_PROPERTY_RUNS'])(
  'an indicator that emits other values than before has a new revision',
  () => {
    const all = [...new Set<AnyIndicator>([...measured, ...ofDossiers])]
    const values = new Map([...caseValues, ...measuredValues])
    expect(changedWithoutRevision(golden, all, [events, cases], values)).toEqual([])
  },
)
