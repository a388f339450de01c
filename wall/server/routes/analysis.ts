import { IocError } from '@ioc/contract/errors.ts'
import { ApiError } from '@ioc/contract/messages/api.ts'
import {
  ApiCompare,
  ApiCompareQuery,
  ApiTrend,
  ApiTrendQuery,
  ApiUnusual,
  ApiUnusualQuery,
} from '@ioc/contract/messages/api-analysis.ts'
import type { IndicatorDescriptor, Scope } from '@ioc/contract/messages/live.ts'
import { targetAt } from '@ioc/runtime/district/target-at.ts'
import type { FastifyInstance } from 'fastify'
import { compareAreas } from '../analysis/compare.ts'
import { type Period, periodAt, periodOf, previousOf, yearBefore } from '../analysis/periods.ts'
import { gridOf, project } from '../analysis/trend.ts'
import { findUnusual } from '../analysis/unusual.ts'
import { tags } from '../api-docs.ts'
import { addressKey } from '../guess-limit.ts'
import type { LiveState } from '../live-state.ts'
import type { WallOptions } from '../options.ts'
import type { Slots } from '../slots.ts'
import { readSeries, type SeriesRequest } from '../store-query.ts'
import type { PlacesOf, VisiblePlaces } from '../visible-places.ts'
import { instant, requireKey } from './indicators.ts'

const hourMs = 3_600_000
const dayMs = 86_400_000
/** Keys that one request about unusual values looks at. */
const maxKeys = 50
/** How far apart `from` and `to` of such a request may be, in ms. */
const maxUnusualMs = 7 * dayMs
/** Unusual values that one answer holds, the most unusual ones. */
const maxUnusual = 500

/** `/api/analysis/compare`, `/trend` and `/unusual`. */
export function analysisRoutes(
  app: FastifyInstance,
  state: LiveState,
  options: WallOptions,
  slots: Slots,
  placesOf: PlacesOf,
): void {
  const errors = { 400: ApiError, 404: ApiError, 503: ApiError }
  const schemaOf = (summary: string, description: string) => ({ tags: [tags.analysis], summary, description })

  app.get<{ Querystring: ApiCompareQuery }>(
    '/api/analysis/compare',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        ...schemaOf(
          'Areas side by side, with ranks',
          'The areas in force with their values of a period, the period before, the same one of the year before, and the ' +
            'target. An indicator of calendar periods has the value of the period, others the mean of their values in it; ' +
            'while the period is not over, means are compared with the same part of the periods before. Rank 1 is best: by ' +
            'the direction of the levels, else by that of the target, else the highest value. Ranks are among all areas, also where a ' +
            'user reads some of them alone.',
        ),
        querystring: ApiCompareQuery,
        response: { 200: ApiCompare, ...errors },
      },
    },
    (request) => slots.run(addressKey(request.ip), () => compare(request.query, placesOf(request.user))),
  )
  app.get<{ Querystring: ApiTrendQuery }>(
    '/api/analysis/trend',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        ...schemaOf(
          'History and projection to the end of a period',
          'Seasonal naive: each value is that of the newest season at the same place, with the range of 95 % that follows ' +
            'from how far values a season apart were from each other. It reaches no further ahead than history reaches ' +
            'back; `reason` says why there is none.',
        ),
        querystring: ApiTrendQuery,
        response: { 200: ApiTrend, ...errors },
      },
    },
    (request) => slots.run(addressKey(request.ip), () => trend(request.query, placesOf(request.user))),
  )
  app.get<{ Querystring: ApiUnusualQuery }>(
    '/api/analysis/unusual',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        ...schemaOf(
          'Unusual values',
          'Hourly values whose robust z-score, 0.6745 × (value − median) ÷ MAD against the same hour of the weeks before, ' +
            'exceeds `limit`. With a MAD of 0 the mean absolute deviation replaces it; if all values before were equal, any ' +
            `other one is unusual, with the score null. At least 4 weeks are needed; at most ${maxKeys} keys and 7 days are read.`,
        ),
        querystring: ApiUnusualQuery,
        response: { 200: ApiUnusual, ...errors },
      },
    },
    (request) => slots.run(addressKey(request.ip), () => unusual(request.query, placesOf(request.user))),
  )

  /** @throws IocError NOT_FOUND, PAYLOAD_INVALID */
  function descriptorOf(id: string, scope: Scope, group: string | undefined): IndicatorDescriptor {
    const found = state.descriptors.find((one) => one.id === id)
    if (!found) throw Object.assign(new Error(`no indicator ${id}`), { statusCode: 404 })
    if (!found.scopes.includes(scope))
      throw new IocError('PAYLOAD_INVALID', `${id} has no values of scope ${scope}, only of ${found.scopes.join(', ')}`)
    if ((found.by === undefined) !== (group === undefined))
      throw new IocError(
        'PAYLOAD_INVALID',
        `${id} ${found.by === undefined ? 'is not grouped' : `is grouped by ${found.by}: add the parameter group`}`,
      )
    return found
  }

  const targetOf = (id: string, scope: Scope, key: string, group: string | undefined, ts: number) =>
    targetAt(state.district.targets, id, { scope, key, group }, ts)

  async function compare(
    { indicator: id, period: name, group }: ApiCompareQuery,
    places: VisiblePlaces | undefined,
  ): Promise<ApiCompare> {
    const { window, unit, levels, unconfirmed } = descriptorOf(id, 'area', group)
    const now = Date.now()
    const calendar = window.kind === 'calendar' ? window.unit : undefined
    const period = name === undefined ? periodAt(calendar ?? 'month', now) : periodOf(name)
    if (period.from > now) throw new IocError('PAYLOAD_INVALID', `period ${period.name} has not begun`)
    const ofPeriod = await figuresOf(period, now)
    const previous = await figuresOf(previousOf(period), now, period)
    const before = await figuresOf(yearBefore(period), now, period)
    const areas = state.district.areas
    const keys = areas.length > 0 ? areas.map(({ code }) => code) : [...ofPeriod.keys()]
    const targets = new Map(keys.map((key) => [key, targetOf(id, 'area', key, group, period.to - 1)]))
    const ofLevels = levels && (levels.direction === 'above' ? 'at_most' : 'at_least')
    const ofTarget = [...targets.values()].find((target) => target?.direction)?.direction
    const better = ofLevels ?? ofTarget ?? null
    const compared = compareAreas(
      keys.map((key) => ({
        key,
        value: ofPeriod.get(key) ?? null,
        previous: previous.get(key) ?? null,
        year_before: before.get(key) ?? null,
        target: targets.get(key)?.value ?? null,
      })),
      better,
    )
    const names = new Map(areas.map((area) => [area.code, area.name]))
    return {
      indicator: id,
      unit,
      period: period.name,
      from: period.from,
      to: period.to,
      provisional: period.to > now,
      figure: calendar === period.unit ? 'value' : 'mean',
      better,
      ranked_by: ofLevels ? 'levels' : ofTarget ? 'target' : 'value',
      areas: compared
        .filter(({ key }) => places?.hasArea(key) ?? true)
        .map((area) => ({ ...area, name: names.get(area.key) ?? null })),
      ...(unconfirmed === undefined ? {} : { unconfirmed }),
    }

    /** Figures of a period by area; while another period, which it stands beside, is not over, of the same part of it. */
    async function figuresOf(one: Period, at: number, beside: Period = one): Promise<Map<string, number>> {
      if (calendar === one.unit) {
        if (one.to > at) return liveFigures(id, group)
        const found = await readSeries(options, request(one.to - 1, one.to))
        return new Map([...found].flatMap(([key, points]) => points.slice(-1).map(({ value }) => [key, value])))
      }
      if (calendar !== undefined && unitOrder[calendar] > unitOrder[one.unit])
        throw new IocError('PAYLOAD_INVALID', `${id} has one value for each ${calendar}: use a longer period`)
      const elapsed = Math.min(beside.to, at) - beside.from
      const to = beside.to > at ? Math.min(one.to, one.from + elapsed) : one.to
      // A mean over the whole range: of one bucket that is longer than it, as the store cuts buckets since 1970.
      const days = await readSeries(options, { ...request(one.from, to), step_s: stepOf(one.from, to) })
      return new Map([...days].flatMap(([key, points]) => (points.length === 0 ? [] : [[key, meanOf(points)]])))
    }

    function request(from: number, to: number): SeriesRequest {
      return { id, scope: 'area', group, from, to, step_s: null }
    }
  }

  function liveFigures(id: string, group: string | undefined): Map<string, number> {
    const found = [...state.indicators.values()].filter(
      (one) => one.id === id && one.scope === 'area' && one.group === group,
    )
    return new Map(found.map(({ key, value }) => [key, value]))
  }

  async function trend(
    { indicator: id, scope = 'district', key: asked, group, period: name }: ApiTrendQuery,
    places: VisiblePlaces | undefined,
  ): Promise<ApiTrend> {
    const { window, unit, unconfirmed } = descriptorOf(id, scope, group)
    const key = keyOf(scope, asked)
    requireKey(places, scope, key)
    const now = Date.now()
    const grid = gridOf(window)
    const period = name === undefined ? periodAt(grid.period, now) : periodOf(name)
    const to = Math.min(now, period.to)
    const found = await readSeries(options, { id, scope, key, group, from: to - grid.backMs, to, step_s: grid.meanS })
    // A mean is stamped with its beginning, a value with its end: both stand at the end of what they are of.
    const shift = grid.meanS === null ? 0 : grid.meanS * 1000
    const history = (found.get(key) ?? [])
      .map(({ ts, value }) => ({ ts: ts + shift, value }))
      .filter(({ ts }) => ts <= to)
    const steps = history.map(({ ts, value }) => ({ index: grid.indexOf(ts), value }))
    const until = grid.indexOf(period.to)
    const projected = period.to <= now ? 'the period is over' : project(steps, until, grid.seasons)
    const isText = typeof projected === 'string'
    return {
      indicator: id,
      unit,
      scope,
      key,
      ...(group === undefined ? {} : { group }),
      period: period.name,
      to: period.to,
      step: grid.name,
      target: targetOf(id, scope, key, group, period.to - 1)?.value ?? null,
      history,
      projection: isText
        ? null
        : {
            method: 'seasonal naive',
            season: projected.season,
            complete: projected.points.at(-1)?.index === until || steps.at(-1)?.index === until,
            points: projected.points.map(({ index, value, low, high }) => ({
              ts: grid.timeOf(index),
              value,
              low,
              high,
            })),
          },
      reason: isText ? projected : null,
      ...(unconfirmed === undefined ? {} : { unconfirmed }),
    }
  }

  async function unusual(query: ApiUnusualQuery, places: VisiblePlaces | undefined): Promise<ApiUnusual> {
    const { indicator: id, scope = 'district', group, limit = 3.5, weeks = 8 } = query
    const { window, unit, unconfirmed } = descriptorOf(id, scope, group)
    if (window.kind === 'calendar' && window.unit !== 'day')
      throw new IocError(
        'PAYLOAD_INVALID',
        `${id} has one value for each ${window.unit}: weeks have nothing to compare`,
      )
    const key = query.key === undefined && scope !== 'district' ? undefined : keyOf(scope, query.key)
    if (key !== undefined) requireKey(places, scope, key)
    const to = instant(query.to, 'to') ?? Date.now()
    const from = instant(query.from, 'from') ?? to - dayMs
    if (from > to) throw new IocError('PAYLOAD_INVALID', 'from is later than to')
    if (to - from > maxUnusualMs) throw new IocError('PAYLOAD_INVALID', 'from and to are more than 7 days apart')
    const known = key === undefined ? knownKeys(id, scope, group) : [key]
    const all = known.filter((one) => places?.hasKey(scope, one) ?? true)
    const keys = all.slice(0, maxKeys)
    const start = Math.floor(from / hourMs) * hourMs
    const values: ApiUnusual['values'] = []
    for (const one of keys) {
      const range = { from: start - weeks * 7 * dayMs - 1, to, step_s: hourMs / 1000 }
      const series = (await readSeries(options, { id, scope, key: one, group, ...range })).get(one) ?? []
      for (const found of findUnusual(series, { from: start, limit, weeks })) values.push({ key: one, ...found })
    }
    const size = ({ score }: ApiUnusual['values'][number]) => (score === null ? Infinity : Math.abs(score))
    values.sort((a, b) => size(b) - size(a) || a.ts - b.ts)
    return {
      indicator: id,
      unit,
      scope,
      from,
      to,
      limit,
      weeks,
      keys: keys.length,
      omitted: all.length - keys.length,
      values: values.slice(0, maxUnusual),
      ...(unconfirmed === undefined ? {} : { unconfirmed }),
    }
  }

  /** Keys with a live value, in order. */
  function knownKeys(id: string, scope: Scope, group: string | undefined): string[] {
    const found = [...state.indicators.values()].filter(
      (one) => one.id === id && one.scope === scope && one.group === group,
    )
    return found.map(({ key }) => key).sort()
  }
}

const unitOrder = { day: 0, month: 1, quarter: 2, year: 3 } as const

/** @throws IocError PAYLOAD_INVALID */
function keyOf(scope: Scope, key: string | undefined): string {
  if (scope === 'district') return 'district'
  if (key === undefined || key === '') throw new IocError('PAYLOAD_INVALID', `add the parameter key: which ${scope}`)
  return key
}

/** Means of hours for days, of days for what is longer: few rows, and each with the same weight. */
const stepOf = (from: number, to: number): number => (to - from <= 40 * dayMs ? 3600 : 86_400)

const meanOf = (points: readonly { readonly value: number }[]): number =>
  points.reduce((sum, { value }) => sum + value, 0) / points.length
