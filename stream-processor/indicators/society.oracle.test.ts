import { type CaseTypeId, caseTypes } from '@ioc/contract/case-types/table.ts'
import { type DeviceTypeId, deviceTypes, findDeviceType } from '@ioc/contract/device-types/table.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withInputs } from '../engine/plan.ts'
import { recomputeCases } from '../testing/cases-oracle.ts'
import { addDerived, type Expected, type OracleEvent, recompute } from '../testing/oracle.ts'
import { type CaseEvent, engineFor, play, recordsOf, valuesOf } from '../testing/play.ts'
import { readsCases } from './indicator.ts'
import { domains } from './table.ts'

const runs = { numRuns: propertyRuns(5) }
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight in Asia/Ho_Chi_Minh, in the last days of a year. */
const t0 = Date.UTC(2025, 11, 28, 17)
const days = 8

const names = [
  'socio-economic',
  'public-services',
  'documents',
  'citizen-reports',
  'health',
  'education',
  'tourism',
  'budget',
  'business',
  'land',
]
const all = domains.filter(({ id }) => names.includes(id)).flatMap((domain) => domain.indicators)
const indicators = all.filter((one) => one.kind === 'measured')
const sources = [...new Set(indicators.map(({ source }) => source))].sort()

/** Records of a type with small numbers and few words, some of them without one; one of a device at a time. */
function records(source: DeviceTypeId): fc.Arbitrary<OracleEvent[]> {
  const values = Object.fromEntries(
    Object.entries(deviceTypes[source].metrics).map(([metric, { kind }]) => [
      metric,
      kind === 'string' ? fc.option(fc.constantFrom('a', 'b'), { nil: undefined }) : fc.integer({ min: 0, max: 9 }),
    ]),
  )
  const one = fc.record({
    site: fc.constantFrom('s', 't'),
    device: fc.constantFrom('d', 'e'),
    hour: fc.integer({ min: 0, max: days * 24 - 1 }),
    values: fc.record(values),
  })
  const id = ({ site, device, hour }: { site: string; device: string; hour: number }) => `${site}/${device} ${hour}`
  return fc.uniqueArray(one, { minLength: 1, maxLength: 12, selector: id }).map((all) =>
    all
      .map(({ site, device, hour, values: of }): OracleEvent => {
        const known = Object.entries<unknown>(of)
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => [name, withinWhole(source, name, value, of)])
        const area = site === 's' ? 'north' : 'south'
        return { type: source, site, device, area, ts: t0 + hour * hourMs, values: Object.fromEntries(known) as never }
      })
      .sort((a, b) => a.ts - b.ts),
  )
}

/** A part that is more than its whole would be set aside. */
function withinWhole(
  source: DeviceTypeId,
  name: string,
  value: unknown,
  of: Readonly<Record<string, unknown>>,
): unknown {
  const whole = of[findDeviceType(source)?.parts?.[name] ?? '']
  return typeof whole === 'number' ? Math.min(value as number, whole) : value
}

describe('indicators of measurements of society and economy', () => {
  test.each(sources)('of %s are what the oracle says', (source) => {
    const own = indicators.filter((one) => one.source === source)
    fc.assert(
      fc.property(records(source), (events) => {
        const until = t0 + 400 * dayMs
        const found = play(own, events, until)
        const expected = [...recompute(own, events)].filter(([, { samples }]) => samples > 0)
        for (const [name, one] of expected) expect(rounded(found.get(name)), name).toEqual(rounded(one))
        expect(found.size).toBe(expected.length)
      }),
      runs,
    )
  })
})

/** Versions of cases of a type, each recorded when it happens, with random attributes. */
function versions(type: CaseTypeId): fc.Arbitrary<CaseEvent[]> {
  const attributes = Object.fromEntries(
    Object.entries(caseTypes[type].attributes).map(([name, { kind }]) => [
      name,
      fc.option<unknown, undefined>(
        { string: fc.constantFrom('a', 'out'), number: fc.integer({ min: 1, max: 5 }), boolean: fc.boolean() }[kind],
        { nil: undefined },
      ),
    ]),
  )
  const one = fc.record({
    site: fc.constantFrom('s', 't'),
    id: fc.constantFrom('1', '2', '3', '4'),
    hour: fc.integer({ min: 0, max: 100 }),
    age: fc.integer({ min: 0, max: 60 }),
    dueAfter: fc.option(fc.integer({ min: 0, max: 60 })),
    isClosed: fc.boolean(),
    attributes: fc.record(attributes),
  })
  return fc
    .uniqueArray(one, { minLength: 1, maxLength: 12, selector: ({ site, hour }) => `${site} ${hour}` })
    .map((drafts) =>
      drafts
        .map(({ site, id, hour, age, dueAfter, isClosed, attributes: of }): CaseEvent => {
          const ts = t0 + hour * hourMs
          const opened = ts - age * hourMs
          const due = dueAfter === null ? null : opened + dueAfter * hourMs
          const times = { id, opened, due, closed: isClosed ? ts : null }
          return { type, site, area: site === 's' ? 'north' : 'south', ts, case: { ...times, ...of } }
        })
        .sort((a, b) => a.ts - b.ts),
    )
}

describe('indicators of cases, and those derived from them', () => {
  // Inputs come before what is derived from them.
  const derivedOnes = withInputs(all.filter((one) => one.kind === 'derived')).filter(readsCases)
  const types = Object.keys(caseTypes) as CaseTypeId[]

  test.each(types)('of %s are what the oracle says', (type) => {
    const own = all.filter((one) => one.kind === 'cases').filter((one) => one.source === type)
    fc.assert(
      fc.property(versions(type), (cases) => {
        const until = t0 + days * dayMs
        const latenessMs = 7 * dayMs
        const first = cases[0]?.ts ?? t0
        const taken = cases.map((one) => ({ ...one, device: 'desk', area: one.area, takenAt: one.ts }))
        const expected = new Map<string, Expected>()
        for (const [name, { value, samples }] of recomputeCases(own, taken, {
          fromMs: first - latenessMs,
          toMs: until,
          latenessMs,
        })) {
          if (value !== undefined) expected.set(name, { value, level: 0, samples })
        }
        addDerived(derivedOnes, expected)
        const found = valuesOf([...own, ...derivedOnes], { cases }, until)
        for (const [name, { value }] of expected) {
          // Quantiles are within one per cent.
          const margin = /_(p95|median)_/.test(name) ? 0.010001 * value : 1e-9
          expect(Math.abs((found.get(name) ?? Number.NaN) - value), name).toBeLessThanOrEqual(margin)
        }
        expect(found.size).toBe(expected.size)
      }),
      runs,
    )
  })
})

const rounded = (one: Expected | undefined) => one && { ...one, value: Math.round(one.value * 1e6) / 1e6 }

test('the live value of a month is that of the month so far', () => {
  const own = indicators.filter(({ id }) => id === 'budget_collected_month' || id === 'budget_plan_percent_month')
  const events = [1, 2, 5].map((day): OracleEvent => {
    const values = { tax: 'x', collected_vnd: day * 1e6, plan_vnd: 4e6 }
    return { type: 'budget_revenue', site: 's', device: 'd', area: 'north', ts: t0 + (day + 3) * dayMs, values }
  })
  const engine = engineFor(own, events)
  const live = () =>
    new Map(engine.snapshot().flatMap(({ topic, read }) => [[topic, read()] as const])).get(
      'ioc/v1/_live/indicator/budget_plan_percent_month/area/north',
    )
  const shares = recordsOf(events).map((record, offset) => {
    engine.process({ offset, records: [record], next: offset + 1 })
    return live()
  })
  expect(shares).toMatchObject([{ value: 25 }, { value: 37.5 }, { value: 800 / 12 }])
})
