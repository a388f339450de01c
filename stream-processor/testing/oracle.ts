import type { Levels, Scope } from '@ioc/contract/messages/live.ts'
import type { AggregateInput } from '../engine/aggregates/column.ts'
import type { NaiveAggregate, NaiveEvent } from '../engine/aggregates/testing/naive.ts'
import { naiveAggregates } from '../engine/aggregates/testing/naive.ts'
import type { AnyIndicator, DerivedIndicator, Indicator, MeasuredIndicator } from '../indicators/indicator.ts'
import { declaredLevels, type LevelsAt, levelOf, measuredLevelOf } from '../indicators/level.ts'

/** An event that an indicator counts. Where they came in another order than they happened, this is the order they came in. */
export interface OracleEvent {
  readonly type: string
  readonly site: string
  readonly device: string
  readonly area?: string
  readonly ts: number
  readonly values: Readonly<Record<string, number | string | boolean>>
}

export interface Expected {
  readonly value: number
  readonly level: number
  readonly samples: number
}

const day = 86_400_000
const local = 7 * 3_600_000

/**
 * Every indicator computed by brute force from all events at once: for each key, each window that holds an event.
 * `id|scope|key|group|ts` → value, level, samples. Slow, and simple enough to be believed.
 */
export function recompute(
  indicators: readonly Indicator[],
  events: readonly OracleEvent[],
  latenessMs = 1e15,
  levelsAt: LevelsAt = declaredLevels,
) {
  const expected = new Map<string, Expected>()
  for (const indicator of indicators) {
    if (indicator.kind === 'measured') recomputeMeasured(indicator, events, latenessMs, expected, levelsAt)
  }
  addDerived(indicators, expected, levelsAt)
  return expected
}

/** Adds what is derived from values that are there. */
export function addDerived(
  indicators: readonly Indicator[],
  expected: Map<string, Expected>,
  levelsAt: LevelsAt = declaredLevels,
): void {
  for (const indicator of indicators) {
    if (indicator.kind === 'derived') recomputeDerived(indicator, expected, levelsAt)
  }
}

/** As the points of the engine are named. */
export function nameOf(id: string, scope: Scope, key: string, group: string | undefined, ts: number): string {
  return [id, scope, key, group ?? '', ts].join('|')
}

function recomputeMeasured(
  indicator: MeasuredIndicator,
  events: readonly OracleEvent[],
  latenessMs: number,
  expected: Map<string, Expected>,
  levelsAt: LevelsAt,
): void {
  const { source, where, by, scopes } = indicator
  const counted = events.filter(
    ({ type, ts, values }) =>
      type === source && (!where || where(values, ts)) && (by === undefined || typeof values[by] === 'string'),
  )
  for (const scope of scopes) {
    const keyed = Map.groupBy(counted, (event) => {
      const key = keyOf(scope, event)
      return key === undefined ? undefined : `${key}\n${by === undefined ? '' : event.values[by]}`
    })
    for (const [id, all] of keyed) {
      if (id === undefined) continue
      const [key = '', group = ''] = id.split('\n')
      const members = inTime(all, latenessMs)
      const parts = partsOf(indicator, members)
      const firstTs = members.reduce((least, { ts }) => Math.min(least, ts), Number.POSITIVE_INFINITY)
      const place = { scope, key, group: by === undefined ? undefined : group }
      const levels = levelsAt(indicator, place)
      for (const { from, to, ts } of windowsOf(indicator, members)) {
        const found = evaluate(indicator, parts, { from, to, measuredMs: to - firstTs, levels })
        if (found) expected.set(nameOf(indicator.id, scope, key, place.group, ts), found)
      }
    }
  }
}

function keyOf(scope: Scope, { site, device, area }: OracleEvent): string | undefined {
  return { device: `${site}/${device}`, site, area, district: 'district' }[scope]
}

/** What came too late is not counted: more than the lateness behind the newest that had come. */
function inTime(events: readonly OracleEvent[], latenessMs: number): OracleEvent[] {
  let newest = Number.NEGATIVE_INFINITY
  return events.filter(({ ts }) => {
    if (ts < newest - latenessMs) return false
    newest = Math.max(newest, ts)
    return true
  })
}

/** A window, with what decides over the level of its value. */
interface NaiveFilled {
  readonly from: number
  readonly to: number
  readonly measuredMs: number
  readonly levels: Levels | undefined
}

interface NaiveWindow {
  /** `[from, to)`, in ms; a session's is `[from, to]`. */
  readonly from: number
  readonly to: number
  readonly ts: number
}

function windowsOf({ window }: MeasuredIndicator, events: readonly OracleEvent[]): NaiveWindow[] {
  const times = [...new Set(events.map(({ ts }) => ts))].sort((a, b) => a - b)
  switch (window.kind) {
    case 'tumbling':
      return regular(times, window.size_s * 1000, window.size_s * 1000)
    case 'sliding':
      return regular(times, window.size_s * 1000, window.every_s * 1000)
    case 'calendar': {
      const starts = new Set(times.map((ts) => calendarStart(ts, window.unit, 0)))
      return [...starts].map((from) => {
        const to = calendarStart(from, window.unit, 1)
        return { from, to, ts: to }
      })
    }
  }
}

function regular(times: readonly number[], sizeMs: number, everyMs: number): NaiveWindow[] {
  const ends = new Set(
    times.flatMap((ts) => {
      const first = (Math.floor(ts / everyMs) + 1) * everyMs
      return Array.from({ length: Math.ceil(sizeMs / everyMs) }, (_, index) => first + index * everyMs).filter(
        (end) => end - sizeMs <= ts,
      )
    }),
  )
  return [...ends].map((to) => ({ from: to - sizeMs, to, ts: to }))
}

function calendarStart(ts: number, unit: 'day' | 'month' | 'quarter' | 'year', ahead: number): number {
  const date = new Date(ts + local)
  const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  const starts = {
    day: () => Date.UTC(year, month, dayOfMonth + ahead),
    month: () => Date.UTC(year, month + ahead, 1),
    quarter: () => Date.UTC(year, (Math.floor(month / 3) + ahead) * 3, 1),
    year: () => Date.UTC(year + ahead, 0, 1),
  }
  return starts[unit]() - local
}

/** The parameters are those of the constructor, as they stand in the text: `rate(bytes, {hold_s: 60})`. */
function naiveOf(text: string): { name: string; aggregate: NaiveAggregate; hold_s: number | undefined } {
  const [, name = '', rest = ''] = /^(\w+)\(\w+(?:, (.*))?\)$/.exec(text) ?? []
  const json = rest.replaceAll(/(\w+):/g, '"$1":').replaceAll("'", '"')
  const parameters = JSON.parse(`[${json}]`) as never[]
  const create = naiveAggregates[name as keyof typeof naiveAggregates] as (...of: never[]) => NaiveAggregate
  const options = parameters.find((one: unknown) => typeof one === 'object') as { hold_s?: number } | undefined
  return { name, aggregate: create(...parameters), hold_s: options?.hold_s }
}

/** Sums over devices; the others are means over all of the devices' time. */
const addUp = new Set([
  'increase',
  'rate',
  'entriesInto',
  'timeInState',
  'devicesInState',
  'totalOfLast',
  'deviceCount',
])

/** One aggregate of a place: the events of each device by itself where their order counts, else all of them together. */
interface Part {
  readonly name: string
  readonly kind: string
  readonly aggregate: NaiveAggregate
  readonly holdMs: number | undefined
  /** By time, and by what counts for more where times are equal. */
  readonly devices: readonly (readonly NaiveEvent[])[]
}

function partsOf({ aggregates }: MeasuredIndicator, members: readonly OracleEvent[]): Part[] {
  return Object.entries(aggregates).map(([name, { metric, text, input }]) => {
    const weighted = weightedOf(text)
    if (weighted) {
      const events = members.flatMap((event) => weighted(event) ?? []).sort((a, b) => a.ts - b.ts)
      return { name, kind: 'sum', aggregate: naiveAggregates.sum(), holdMs: undefined, devices: [events] }
    }
    const { name: kind, aggregate, hold_s } = naiveOf(text)
    const usable = ({ values }: OracleEvent) =>
      input ? values[metric] !== undefined : typeof values[metric] === 'number'
    const all = members.filter(usable)
    const byDevice =
      hold_s === undefined ? [all] : [...Map.groupBy(all, ({ site, device }) => `${site}/${device}`).values()]
    const devices = byDevice.map((events) =>
      events
        .map(({ ts, values }) => ({ ts, value: values[metric] as number }))
        .sort((a, b) => a.ts - b.ts || rank(a.value, input) - rank(b.value, input)),
    )
    return { name, kind, aggregate, holdMs: hold_s === undefined ? undefined : hold_s * 1000, devices }
  })
}

/** What an event adds to a weighted sum, as its text says: `weightedSum(vehicles, vehicle_class, {"car":1})`. */
function weightedOf(text: string): ((event: OracleEvent) => NaiveEvent | undefined) | undefined {
  const [, metric, word, json] = /^weightedSum\((\w+), (\w+), (\{.*\})\)$/.exec(text) ?? []
  if (metric === undefined || word === undefined || json === undefined) return undefined
  const weights = new Map(Object.entries(JSON.parse(json) as Record<string, number>))
  return ({ ts, values }) => {
    const [value, weight] = [values[metric], weights.get(String(values[word]))]
    return typeof value === 'number' && weight !== undefined ? { ts, value: value * weight } : undefined
  }
}

function evaluate(
  indicator: MeasuredIndicator,
  parts: readonly Part[],
  { from, to, measuredMs, levels }: NaiveFilled,
): Expected | undefined {
  const { value } = indicator
  const of: Record<string, number> = {}
  let samples = 0
  for (const { name, kind, aggregate, holdMs, devices } of parts) {
    let inWindow = 0
    const results = devices.flatMap((events) => {
      const first = firstFrom(events, from)
      const inside = events.slice(first, firstFrom(events, to))
      inWindow += inside.length
      const before = events[first - 1]
      const carry = before && before.ts + (holdMs ?? 0) > from ? before : undefined
      const result = aggregate(inside, carry, from, to)
      return result === undefined ? [] : [{ result, weight: coveredMs(inside, carry, from, to, holdMs ?? 0) }]
    })
    samples = Math.max(samples, inWindow)
    if (results.length === 0) return undefined
    const weight = results.reduce((sum, one) => sum + one.weight, 0)
    of[name] =
      holdMs === undefined || addUp.has(kind)
        ? results.reduce((sum, { result }) => sum + result, 0)
        : results.reduce((sum, one) => sum + one.result * one.weight, 0) / weight
  }
  if (samples === 0) return undefined
  const result = value(of)
  return result === undefined || !Number.isFinite(result)
    ? undefined
    : { value: result, level: measuredLevelOf(indicator, result, samples, measuredMs, levels), samples }
}

/** The first event at or after a time, of events by time. */
function firstFrom(events: readonly NaiveEvent[], ts: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((events[middle] as NaiveEvent).ts < ts) low = middle + 1
    else high = middle
  }
  return low
}

/** Of values of one time, the one that counts for more comes last. */
function rank(value: number | string | boolean, input: AggregateInput | undefined): number {
  return input ? input.of(value, {}) : Number(value)
}

/** For how long a value is known: what a mean over time weighs among those of other devices. */
function coveredMs(
  inside: readonly NaiveEvent[],
  carry: NaiveEvent | undefined,
  from: number,
  to: number,
  holdMs: number,
): number {
  const starts = [...(carry ? [carry] : []), ...inside].map(({ ts }) => ts)
  return starts.reduce((sum, ts, index) => {
    const until = Math.min(ts + holdMs, starts[index + 1] ?? to, to)
    return sum + Math.max(0, until - Math.max(ts, from))
  }, 0)
}

function recomputeDerived(indicator: DerivedIndicator, expected: Map<string, Expected>, levelsAt: LevelsAt): void {
  const inputs = Object.entries(indicator.inputs).map(([name, { indicator: input, values }]) => ({
    name,
    id: input.id,
    values,
    stepMs: stepOf(input),
  }))
  const reach = Math.max(...inputs.map(({ values, stepMs }) => (values - 1) * stepMs))
  const places = new Map<string, number[]>()
  for (const name of expected.keys()) {
    const [id, scope, key, group, ts] = name.split('|')
    if (!inputs.some((input) => input.id === id) || !indicator.scopes.includes(scope as Scope)) continue
    const place = [scope, key, group].join('|')
    places.set(place, [...(places.get(place) ?? []), Number(ts)])
  }
  for (const [place, times] of places) {
    const ends = new Set(times.flatMap((ts) => endsOf(indicator, ts, ts + reach)))
    for (const ts of ends) {
      let samples = 0
      const of = Object.fromEntries(
        inputs.map(({ name, id, values, stepMs }) => [
          name,
          Array.from({ length: values }, (_, back) => {
            const found = expected.get(`${id}|${place}|${ts - back * stepMs}`)
            if (found) samples++
            return found?.value
          }),
        ]),
      )
      const value = samples === 0 ? undefined : indicator.value(of, ts)
      if (value === undefined || !Number.isFinite(value)) continue
      const [scope, key = '', group = ''] = place.split('|')
      const levels = levelsAt(indicator, { scope: scope as Scope, key, group: group || undefined })
      expected.set(`${indicator.id}|${place}|${ts}`, { value, level: levelOf(value, levels), samples })
    }
  }
}

function stepOf({ window }: AnyIndicator): number {
  if (window.kind === 'tumbling') return window.size_s * 1000
  if (window.kind === 'sliding') return window.every_s * 1000
  return day
}

function endsOf({ window }: DerivedIndicator, from: number, to: number): number[] {
  const step = window.kind === 'calendar' ? day : window.kind === 'sliding' ? window.every_s * 1000 : 0
  const every = window.kind === 'tumbling' ? window.size_s * 1000 : step
  const offset = window.kind === 'calendar' ? -local : 0
  const ends: number[] = []
  for (let end = Math.ceil((from - offset) / every) * every + offset; end <= to; end += every) ends.push(end)
  return ends
}
