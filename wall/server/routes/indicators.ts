import { IocError } from '@ioc/contract/errors.ts'
import {
  ApiError,
  ApiHistory,
  ApiHistoryParams,
  ApiHistoryQuery,
  ApiIndicators,
  type ApiLatest,
} from '@ioc/contract/messages/api.ts'
import {
  keysOf,
  type LiveIndicator,
  type LiveTarget,
  type LiveThreshold,
  type Scope,
  windowStepSeconds,
} from '@ioc/contract/messages/live.ts'
import { type TargetPlace, targetAt } from '@ioc/runtime/district/target-at.ts'
import type { FastifyInstance } from 'fastify'
import { tags } from '../api-docs.ts'
import { addressKey } from '../guess-limit.ts'
import type { LiveState } from '../live-state.ts'
import type { WallOptions } from '../options.ts'
import type { Slots } from '../slots.ts'
import { maxPoints, readHistory } from '../store-query.ts'
import type { PlacesOf, VisiblePlaces } from '../visible-places.ts'
import { notFound } from './not-found.ts'

const hourMs = 3_600_000

/** Questions to the store: a wall asks for the history of each card that it draws, six at once. */
export const historyLimits = { maxRunning: 8, maxPerClient: 250, maxInAll: 1_000, maxWaitMs: 15_000 } as const

/** `/api/indicators`: definitions, latest values, history. */
export function indicatorRoutes(
  app: FastifyInstance,
  state: LiveState,
  options: WallOptions,
  slots: Slots,
  placesOf: PlacesOf,
): void {
  app.get(
    '/api/indicators',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.indicators],
        summary: 'Every indicator with its latest values',
        description:
          '`latest` maps scope and key to a value; the key of a grouped indicator is `key/group`. Its `target` and `levels` ' +
          'are those of the place: `targets.yaml` and `thresholds.yaml` of the district set them.',
        response: { 200: ApiIndicators },
      },
    },
    (request) => indicatorsWithLatest(state, placesOf(request.user)),
  )
  app.get<{ Params: ApiHistoryParams; Querystring: ApiHistoryQuery }>(
    '/api/indicators/:id',
    {
      config: { role: 'viewer', places: 'filtered' },
      schema: {
        tags: [tags.indicators],
        summary: 'History of an indicator; by default the last hour of the district',
        description: `More than ${maxPoints} values are downsampled to means of the width \`step_s\`. The status is 503 while the store does not answer.`,
        params: ApiHistoryParams,
        querystring: ApiHistoryQuery,
        response: { 200: ApiHistory, 400: ApiError, 404: ApiError, 503: ApiError },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { scope = 'district', key = scope === 'district' ? 'district' : '', group } = request.query
      const known = state.descriptors.find((descriptor) => descriptor.id === id)
      // Until the processor has published what it computes, the store is asked for any well-formed id.
      if (!known && state.descriptors.length > 0) {
        return reply.code(404).send({ statusCode: 404, error: 'Not Found', message: `no indicator ${id}` })
      }
      if (known && (known.by === undefined) !== (group === undefined)) {
        const problem = known.by === undefined ? 'is not grouped' : `is grouped by ${known.by}: add the parameter group`
        throw new IocError('PAYLOAD_INVALID', `${id} ${problem}`)
      }
      requireKey(placesOf(request.user), scope, key)
      const to = instant(request.query.to, 'to') ?? Date.now()
      const from = instant(request.query.from, 'from') ?? to - hourMs
      if (from > to) throw new IocError('PAYLOAD_INVALID', 'from is later than to')
      const step_s = stepOf(from, to, known ? windowStepSeconds(known.window) : 10)
      const points = await slots.run(addressKey(request.ip), () =>
        readHistory(options, { id, scope, key, group, from, to, step_s }),
      )
      return { id, scope, key, ...(group === undefined ? {} : { group }), from, to, step_s, points }
    },
  )
}

/** @throws Error with the status 404 where a place is beyond the limit of the user */
export function requireKey(places: VisiblePlaces | undefined, scope: Scope, key: string): void {
  if (places && !places.hasKey(scope, key)) throw notFound(`no ${scope} ${key}`)
}

function indicatorsWithLatest(state: LiveState, places: VisiblePlaces | undefined): ApiIndicators {
  const latest = new Map<string, Record<string, Record<string, ApiLatest>>>()
  const { targets, thresholds } = places?.district(state.district) ?? state.district
  const targetsOf = Map.groupBy(targets, ({ indicator }) => indicator)
  const thresholdsOf = Map.groupBy(thresholds, ({ indicator }) => indicator)
  for (const indicator of state.indicators.values()) {
    const { id, scope, key, group } = indicator
    if (places && !places.hasKey(scope, key)) continue
    const scopes = latest.get(id) ?? {}
    latest.set(id, scopes)
    const keys = scopes[scope] ?? {}
    scopes[scope] = keys
    keys[group === undefined ? key : `${key}/${group}`] = latestOf(
      indicator,
      targetsOf.get(id) ?? [],
      thresholdsOf.get(id) ?? [],
    )
  }
  return {
    indicators: state.descriptors.map(({ fed_by, ...descriptor }) => ({
      ...descriptor,
      ...(fed_by === undefined ? {} : { fed_by: [...fed_by] }),
      scopes: [...descriptor.scopes] as Scope[],
      targets: (targetsOf.get(descriptor.id) ?? []).map(({ indicator: _, ...target }) => target),
      thresholds: (thresholdsOf.get(descriptor.id) ?? []).map(({ indicator: _, ...threshold }) => threshold),
      latest: latest.get(descriptor.id) ?? {},
    })),
  }
}

/** A live value with the target and the levels of its place. */
export function latestOf(
  { id, scope, key, group, ts, value, level, samples }: LiveIndicator,
  targets: readonly LiveTarget[],
  thresholds: readonly LiveThreshold[],
): ApiLatest {
  const place = { scope, key, group }
  const target = targetAt(targets, id, place, ts)?.value
  const levels = thresholdAt(thresholds, id, place)?.levels
  return {
    ts,
    value,
    level,
    samples,
    ...(target === undefined ? {} : { target }),
    ...(levels === undefined ? {} : { levels }),
  }
}

function thresholdAt(
  thresholds: readonly LiveThreshold[],
  indicator: string,
  { scope, key, group }: TargetPlace,
): LiveThreshold | undefined {
  const found = keysOf(scope, key).map((one) =>
    thresholds.find(
      (it) => it.indicator === indicator && it.scope === scope && it.key === one && (it.group ?? undefined) === group,
    ),
  )
  return found.find((it) => it !== undefined)
}

/** Width of the means of a range that holds more values than an answer may; null when it does not. */
export function stepOf(from: number, to: number, every_s: number): number | null {
  const range_s = (to - from) / 1000
  if (range_s / every_s <= maxPoints) return null
  return Math.ceil(range_s / (maxPoints / 5) / every_s) * every_s
}

/** Reads a time: milliseconds, or ISO 8601. */
export function instant(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Date.parse(text)
  if (Math.abs(value) <= 8.64e15) return value
  throw new IocError('PAYLOAD_INVALID', `${name} is not a time: use milliseconds since 1970 or ISO 8601`)
}
