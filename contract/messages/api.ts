import Type from 'typebox'
import { metricPattern } from '../names.ts'
import type { Window } from './live.ts'

/** What the wall's HTTP API answers, and what it takes. The OpenAPI page at `/api/docs` is made from these schemas. */

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Milliseconds = Type.Number({ title: 'Milliseconds since 1970, UTC' })
const Level = Type.Integer({ minimum: 0, maximum: 3, title: '0 normal, 1 attention, 2 warning, 3 critical' })
const ScopeName = Type.Unsafe<'device' | 'site' | 'area' | 'district'>(
  Type.String({ enum: ['device', 'site', 'area', 'district'] }),
)

export const ApiError = Type.Object({
  statusCode: Type.Integer(),
  error: Type.String({ title: 'A code from the error table, or the name of the HTTP status' }),
  message: Type.String(),
})
export type ApiError = Type.Static<typeof ApiError>

export const ApiProcess = Type.Object({
  process: Type.String(),
  ts: Milliseconds,
  up: Type.Boolean(),
  pid: Type.Integer(),
  restarts: Type.Integer(),
  uptime_s: Type.Number(),
  rss_mb: Type.Number(),
  cpu_percent: Type.Number(),
  loop_p99_ms: Type.Number(),
  gauges: Type.Record(Type.String(), Type.Number()),
})

export const ApiHealth = Type.Object({
  status: Type.Unsafe<'ok' | 'degraded'>(Type.String({ enum: ['ok', 'degraded'] })),
  reasons: Type.Array(Type.String(), { title: 'Why the status is degraded' }),
  processes: Type.Array(ApiProcess),
  log: Type.Object({ depth: nullable(Type.Number({ title: 'Records that wait in the ingest log' })) }),
  lag_ms: nullable(Type.Number({ title: 'How far the stream processor is behind' })),
})
export type ApiHealth = Type.Static<typeof ApiHealth>

export const ApiLatest = Type.Object({
  ts: Milliseconds,
  value: Type.Number(),
  level: Level,
  samples: Type.Integer(),
})
export type ApiLatest = Type.Static<typeof ApiLatest>

export const ApiIndicator = Type.Object({
  id: Type.String(),
  title: Type.Object({ vi: Type.String(), en: Type.String() }),
  unit: Type.String(),
  source: Type.String(),
  window: Type.Object({
    kind: Type.Unsafe<Window['kind']>(Type.String({ enum: ['tumbling', 'sliding', 'calendar', 'session'] })),
    size_s: Type.Optional(Type.Number({ title: 'Of a tumbling or sliding window' })),
    every_s: Type.Optional(Type.Number({ title: 'Of a sliding window' })),
    unit: Type.Optional(Type.String({ enum: ['day', 'month', 'quarter', 'year'], title: 'Of a calendar window' })),
    gap_s: Type.Optional(Type.Number({ title: 'Of a session' })),
  }),
  scopes: Type.Array(ScopeName),
  by: Type.Optional(Type.String({ title: 'The attribute that it is grouped by' })),
  levels: Type.Optional(
    Type.Object({
      direction: Type.String({ enum: ['above', 'below'] }),
      attention: Type.Optional(Type.Number()),
      warning: Type.Optional(Type.Number()),
      critical: Type.Optional(Type.Number()),
    }),
  ),
  target: Type.Optional(Type.Number()),
  formula: Type.String(),
  reference: Type.Optional(Type.String({ title: 'Who says so' })),
  unconfirmed: Type.Optional(Type.String({ title: 'What of it is to be verified' })),
  latest: Type.Record(Type.String(), Type.Record(Type.String(), ApiLatest), {
    title: 'By scope, then by key, or by key/group',
  }),
})

export const ApiIndicators = Type.Object({ indicators: Type.Array(ApiIndicator) })
export type ApiIndicators = Type.Static<typeof ApiIndicators>

export const ApiHistoryParams = Type.Object({ id: Type.String({ pattern: metricPattern }) })
export type ApiHistoryParams = Type.Static<typeof ApiHistoryParams>

const Instant = Type.String({ maxLength: 40, title: 'Milliseconds since 1970, or ISO 8601' })

export const ApiHistoryQuery = Type.Object({
  scope: Type.Optional(ScopeName),
  key: Type.Optional(
    Type.String({
      maxLength: 129,
      title: 'site/device, a site, the code of an area, or "district", as the scope asks',
    }),
  ),
  group: Type.Optional(Type.String({ maxLength: 4096, title: 'Of an indicator that is grouped: which group' })),
  from: Type.Optional(Instant),
  to: Type.Optional(Instant),
})
export type ApiHistoryQuery = Type.Static<typeof ApiHistoryQuery>

export const ApiHistory = Type.Object({
  id: Type.String(),
  scope: ScopeName,
  key: Type.String(),
  group: Type.Optional(Type.String()),
  from: Milliseconds,
  to: Milliseconds,
  step_s: nullable(Type.Integer({ title: 'Width of the means that a long range is thinned to; null: every value' })),
  points: Type.Array(
    Type.Object({ ts: Milliseconds, value: Type.Number(), level: nullable(Level), samples: nullable(Type.Number()) }),
  ),
})
export type ApiHistory = Type.Static<typeof ApiHistory>

export const ApiDevice = Type.Object({
  site: Type.String(),
  node: Type.String(),
  device: Type.String(),
  type: Type.String(),
  name: nullable(Type.String()),
  lat: nullable(Type.Number()),
  lon: nullable(Type.Number()),
  cadence_s: nullable(Type.Number()),
  last_ts: nullable(Milliseconds),
  online: Type.Boolean(),
  area: nullable(Type.String({ title: 'Code of the area that its site is in' })),
  stale: Type.Boolean({ title: 'Nothing measured for longer than three cadences' }),
})

export const ApiDevices = Type.Object({ devices: Type.Array(ApiDevice) })
export type ApiDevices = Type.Static<typeof ApiDevices>

export const ApiSite = Type.Object({
  site: Type.String(),
  name: nullable(Type.String()),
  area: nullable(Type.String({ title: 'Code of the area that it is in' })),
  area_name: nullable(Type.String()),
  nodes: Type.Array(Type.String()),
  devices: Type.Integer(),
  online: Type.Integer({ title: 'Devices whose node is connected' }),
  stale: Type.Integer({ title: 'Devices that measured nothing for longer than three cadences' }),
  lat: nullable(Type.Number()),
  lon: nullable(Type.Number()),
  last_ts: nullable(Milliseconds),
})
export type ApiSite = Type.Static<typeof ApiSite>

export const ApiSites = Type.Object({ sites: Type.Array(ApiSite) })

export const ApiLedgerRow = Type.Object({
  site: Type.String(),
  node: Type.String(),
  ts: Milliseconds,
  sent: Type.Number(),
  stored: Type.Number(),
  duplicates: Type.Number(),
  queued: Type.Number(),
  lost: Type.Number(),
  rejected: Type.Number(),
  offset_ms: Type.Number(),
  clamped: Type.Number(),
  too_late: Type.Number(),
  corrected: Type.Number({ title: 'Records whose time was replaced, because the clock of the node was wrong' }),
  reused: Type.Number({ title: 'Messages stored although their number had come before with other content' }),
  refused: Type.Number({ title: 'Points that the store refused' }),
  over_quota: Type.Number({ title: 'Fields, devices and other things left out because the node exceeded a quota' }),
  problem: nullable(
    Type.Object({ ts: Milliseconds, code: Type.String(), reason: Type.String() }, { title: 'The last rejection' }),
  ),
})

export const ApiLedger = Type.Object({ ledger: Type.Array(ApiLedgerRow) })

export const ApiSession = Type.Object({ token: Type.String({ minLength: 1, maxLength: 1024 }) })
export type ApiSession = Type.Static<typeof ApiSession>
