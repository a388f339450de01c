import Type from 'typebox'
import { metricPattern } from '../names.ts'
import { type Role, roles } from '../roles.ts'
import { Milliseconds, nullable } from './api-schema.ts'
import type { Window } from './live.ts'

/**
 * What the wall's HTTP API accepts and returns. The OpenAPI page at `/api/docs` is made from these schemas and their
 * examples, which a test validates.
 */

const Level = Type.Integer({ minimum: 0, maximum: 3, title: '0 normal, 1 attention, 2 warning, 3 critical' })
const ScopeName = Type.Unsafe<'device' | 'site' | 'area' | 'district'>(
  Type.String({ enum: ['device', 'site', 'area', 'district'] }),
)

export const ApiError = Type.Object(
  {
    statusCode: Type.Integer(),
    error: Type.String({ title: 'A code from the error table, or the name of the HTTP status' }),
    message: Type.String(),
  },
  { examples: [{ statusCode: 400, error: 'PAYLOAD_INVALID', message: 'from is later than to' }] },
)
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

const Status = Type.Unsafe<'ok' | 'degraded'>(Type.String({ enum: ['ok', 'degraded'] }))

const ApiFleetHealth = Type.Object({
  devices: Type.Object({
    total: Type.Integer(),
    online: Type.Integer({ title: 'Devices whose node is connected' }),
    offline: Type.Integer({ title: 'Devices whose node is not connected' }),
    silent: Type.Integer({ title: 'Devices, online or offline, without a measurement for longer than three cadences' }),
  }),
  nodes: Type.Object({ total: Type.Integer(), online: Type.Integer(), offline: Type.Integer() }),
})
export type ApiFleetHealth = Type.Static<typeof ApiFleetHealth>

const processExample = {
  process: 'broker',
  ts: 1795953600000,
  up: true,
  pid: 4711,
  restarts: 0,
  uptime_s: 86400,
  rss_mb: 78.5,
  cpu_percent: 3.1,
  loop_p99_ms: 11.2,
  gauges: { log_depth: 0 },
}
const fleetExample = {
  devices: { total: 120, online: 118, offline: 2, silent: 3 },
  nodes: { total: 40, online: 39, offline: 1 },
}

/** What `ioc demo` says of the district that it simulates. */
export const ApiSimulation = Type.Object(
  {
    scenario: Type.String(),
    phase: Type.Union([Type.Literal('filling'), Type.Literal('processing'), Type.Literal('live')]),
    percent: Type.Number({ title: 'Share of the past that is filled in or, while processing, computed' }),
    clock: Type.Number({ title: 'The simulated time: milliseconds since 1970, UTC' }),
    speed: Type.Number(),
  },
  { title: 'Set if the data are simulated' },
)

export const ApiHealth = Type.Object(
  {
    status: Status,
    reasons: Type.Array(Type.String(), { title: 'Why the status is degraded' }),
    processes: Type.Array(ApiProcess),
    log: Type.Object({ depth: nullable(Type.Number({ title: 'Records queued in the ingest log' })) }),
    lag_ms: nullable(Type.Number({ title: 'Lag of the stream processor' })),
    simulated: nullable(ApiSimulation),
    ...ApiFleetHealth.properties,
    own_node: nullable(Type.String({ title: "Agent of the centre's own machine, as `site/node`" })),
    only_own_node: Type.Boolean({
      title: "Whether no node but the centre's own has ever reported, as at the first start",
    }),
  },
  {
    examples: [
      {
        status: 'ok',
        reasons: [],
        processes: [processExample],
        log: { depth: 0 },
        lag_ms: 12,
        simulated: null,
        ...fleetExample,
        own_node: 'ioc-don-duong/centre-01',
        only_own_node: false,
      },
    ],
  },
)
export type ApiHealth = Type.Static<typeof ApiHealth>

const Tolerated = Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 })

export const ApiHealthQuery = Type.Object({
  max_silent: Type.Optional({ ...Tolerated, title: 'Tolerated number of silent devices', examples: [5] }),
  max_offline: Type.Optional({ ...Tolerated, title: 'Tolerated number of offline nodes', examples: [1] }),
})
export type ApiHealthQuery = { readonly max_silent?: number; readonly max_offline?: number }

export const ApiHealthDevices = Type.Object(
  {
    status: Status,
    reasons: Type.Array(Type.String(), { title: 'Silent devices and offline nodes, by name' }),
    ...ApiFleetHealth.properties,
  },
  {
    examples: [
      {
        status: 'degraded',
        reasons: ['3 devices are silent: ka-do/air-1, ka-do/air-2, pro/rain-1', '1 node is offline: pro/n-1'],
        ...fleetExample,
      },
    ],
  },
)
export type ApiHealthDevices = Type.Static<typeof ApiHealthDevices>

const ApiLevels = Type.Object({
  direction: Type.Unsafe<'above' | 'below'>(Type.String({ enum: ['above', 'below'] })),
  attention: Type.Optional(Type.Number()),
  warning: Type.Optional(Type.Number()),
  critical: Type.Optional(Type.Number()),
})

const Direction = nullable(Type.Unsafe<'at_least' | 'at_most'>(Type.String({ enum: ['at_least', 'at_most'] })))

export const ApiTarget = Type.Object({
  scope: ScopeName,
  key: nullable(Type.String({ title: 'Null: every place of the scope' })),
  group: nullable(Type.String()),
  period: nullable(Type.String({ title: 'As 2026, 2026-Q4 or 2026-11; null: always' })),
  value: Type.Number(),
  direction: Direction,
  source: Type.String(),
  unconfirmed: Type.Boolean(),
})

export const ApiThreshold = Type.Object({
  scope: ScopeName,
  key: Type.String(),
  group: nullable(Type.String()),
  levels: ApiLevels,
  source: Type.String(),
  unconfirmed: Type.Boolean(),
})

export const ApiLatest = Type.Object({
  ts: Milliseconds,
  value: Type.Number(),
  level: Level,
  samples: Type.Integer(),
  target: Type.Optional(Type.Number({ title: 'Target of this place at `ts`' })),
  levels: Type.Optional({ ...ApiLevels, title: 'Levels of this place, where they are not those of the indicator' }),
})
export type ApiLatest = Type.Static<typeof ApiLatest>

export const ApiIndicator = Type.Object({
  id: Type.String(),
  title: Type.Object({ vi: Type.String(), en: Type.String() }),
  unit: Type.String(),
  source: Type.String(),
  window: Type.Object({
    kind: Type.Unsafe<Window['kind']>(Type.String({ enum: ['tumbling', 'sliding', 'calendar'] })),
    size_s: Type.Optional(Type.Number({ title: 'Size of a tumbling or sliding window' })),
    every_s: Type.Optional(Type.Number({ title: 'Step of a sliding window' })),
    unit: Type.Optional(Type.String({ enum: ['day', 'month', 'quarter', 'year'], title: 'Unit of a calendar window' })),
  }),
  scopes: Type.Array(ScopeName),
  by: Type.Optional(Type.String({ title: 'Attribute by which the indicator is grouped' })),
  levels: Type.Optional(ApiLevels),
  target: Type.Optional(Type.Number({ title: 'Target of the declaration, where the district sets none' })),
  targets: Type.Array(ApiTarget, { title: 'Targets of the district' }),
  thresholds: Type.Array(ApiThreshold, { title: 'Levels of single places, in place of `levels`' }),
  about: Type.Object(
    { vi: Type.String(), en: Type.String() },
    { title: 'What the indicator means and how it is computed' },
  ),
  formula: Type.String(),
  fed_by: Type.Optional(Type.Array(Type.String(), { title: 'Device and case types that feed a derived indicator' })),
  reference: Type.Optional(Type.String({ title: 'Regulation or publication that defines the indicator' })),
  unconfirmed: Type.Optional(
    Type.Object(
      { vi: Type.String(), en: Type.String() },
      { title: 'Part of the definition that still has to be verified' },
    ),
  ),
  latest: Type.Record(Type.String(), Type.Record(Type.String(), ApiLatest), {
    title: 'By scope, then by key, or by key/group',
  }),
})

export const ApiIndicators = Type.Object(
  { indicators: Type.Array(ApiIndicator) },
  {
    examples: [
      {
        indicators: [
          {
            id: 'system_cpu_1m',
            title: { vi: 'CPU trung bình 1 phút', en: 'CPU, 1 min mean' },
            unit: '%',
            source: 'system',
            window: { kind: 'sliding', size_s: 60, every_s: 10 },
            scopes: ['device', 'site', 'area', 'district'],
            levels: { direction: 'above', attention: 70, warning: 85, critical: 95 },
            targets: [
              {
                scope: 'district',
                key: 'district',
                group: null,
                period: '2026',
                value: 60,
                direction: 'at_most',
                source: 'practice of the centre',
                unconfirmed: false,
              },
            ],
            thresholds: [],
            about: {
              vi: 'Trung bình mức sử dụng CPU của máy chủ trong 1 phút gần nhất.',
              en: 'Mean CPU use of the machine over the last minute.',
            },
            formula: 'mean(cpu_percent)',
            latest: {
              device: { 'ka-do/server': { ts: 1795953600000, value: 41.5, level: 0, samples: 6 } },
              district: { district: { ts: 1795953600000, value: 38.2, level: 0, samples: 240, target: 60 } },
            },
          },
        ],
      },
    ],
  },
)
export type ApiIndicators = Type.Static<typeof ApiIndicators>

export const ApiDistrict = Type.Object(
  {
    areas: Type.Array(
      Type.Object({
        code: Type.String(),
        name: Type.String(),
        lat: Type.Number(),
        lon: Type.Number(),
        unconfirmed: Type.Boolean(),
      }),
    ),
    units: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.Object({ vi: Type.String(), en: Type.String() }),
        area: nullable(Type.String({ title: 'Code of an area; null: the whole district' })),
        domains: Type.Array(Type.String()),
        unconfirmed: Type.Boolean(),
      }),
    ),
    problem: nullable(
      Type.Object(
        {
          file: Type.String(),
          line: nullable(Type.Integer()),
          reason: Type.String(),
          since: Milliseconds,
        },
        { title: 'Why the files as they are now were refused; the data before them stays in force' },
      ),
    ),
  },
  {
    examples: [
      {
        areas: [{ code: '24943', name: 'Ka Đô', lat: 11.7394, lon: 108.5884, unconfirmed: false }],
        units: [
          {
            id: 'one-stop-ka-do',
            name: { vi: 'Trung tâm Phục vụ hành chính công xã Ka Đô', en: 'One-stop centre of Ka Đô' },
            area: '24943',
            domains: ['public-services'],
            unconfirmed: false,
          },
        ],
        problem: {
          file: 'sites.yaml',
          line: 3,
          reason: 'sites[0].area: neither area 99999 nor a successor of it is in force',
          since: 1795953600000,
        },
      },
    ],
  },
)
export type ApiDistrict = Type.Static<typeof ApiDistrict>

const Version = Type.String({ title: 'Changes with the file' })

export const ApiMapSources = Type.Object(
  { outlines: nullable(Version), base: nullable(Version) },
  { examples: [{ outlines: '8f3a0c1d2e4b5f60', base: null }] },
)
export type ApiMapSources = Type.Static<typeof ApiMapSources>

export const ApiHistoryParams = Type.Object({
  id: Type.String({ pattern: metricPattern, title: 'Id of the indicator', examples: ['system_cpu_1m'] }),
})
export type ApiHistoryParams = Type.Static<typeof ApiHistoryParams>

const instant = { maxLength: 40, title: 'Milliseconds since 1970, or ISO 8601' }

export const ApiHistoryQuery = Type.Object({
  scope: Type.Optional({ ...ScopeName, title: 'District by default', examples: ['device'] }),
  key: Type.Optional(
    Type.String({
      maxLength: 129,
      examples: ['ka-do/server'],
      title: 'Depends on the scope: site/device, a site, the code of an area, or "district"',
    }),
  ),
  group: Type.Optional(
    Type.String({ maxLength: 4096, title: 'Group; required if the indicator is grouped', examples: ['motorcycle'] }),
  ),
  from: Type.Optional(Type.String({ ...instant, examples: ['2026-11-29T00:00:00+07:00'] })),
  to: Type.Optional(Type.String({ ...instant, examples: ['1795953600000'] })),
})
export type ApiHistoryQuery = Type.Static<typeof ApiHistoryQuery>

export const ApiHistory = Type.Object(
  {
    id: Type.String(),
    scope: ScopeName,
    key: Type.String(),
    group: Type.Optional(Type.String()),
    from: Milliseconds,
    to: Milliseconds,
    step_s: nullable(
      Type.Integer({ title: 'Width of the means to which a long range is downsampled; null: raw values' }),
    ),
    points: Type.Array(
      Type.Object({ ts: Milliseconds, value: Type.Number(), level: nullable(Level), samples: nullable(Type.Number()) }),
    ),
  },
  {
    examples: [
      {
        id: 'system_cpu_1m',
        scope: 'device',
        key: 'ka-do/server',
        from: 1795950000000,
        to: 1795953600000,
        step_s: null,
        points: [{ ts: 1795953600000, value: 41.5, level: 0, samples: 6 }],
      },
    ],
  },
)
export type ApiHistory = Type.Static<typeof ApiHistory>

const ApiClock = Type.Object({
  offset_ms: Type.Number({ title: 'Arrival minus the claimed time' }),
  since: Milliseconds,
  of: Type.Union([Type.Literal('node'), Type.Literal('device')]),
})

const ApiFault = Type.Object({
  metric: Type.String(),
  kind: Type.Union([Type.Literal('stuck'), Type.Literal('railed')]),
  since: Milliseconds,
  evidence: Type.Object({
    by: Type.Union([Type.Literal('flat'), Type.Literal('frozen'), Type.Literal('resent'), Type.Literal('rail')]),
    value: Type.Number(),
    points: Type.Integer({ title: 'Measurements with this value' }),
    lasted_s: Type.Number({ title: 'Time that they cover' }),
  }),
})

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
  area: nullable(Type.String({ title: 'Code of the area of its site' })),
  stale: Type.Boolean({ title: 'Silent, or never heard' }),
  state: nullable(
    Type.Union([Type.Literal('measuring'), Type.Literal('late'), Type.Literal('silent'), Type.Literal('never_heard')], {
      title: 'Late after three cadences without a measurement, silent after five; null for a feed of cases',
    }),
  ),
  since: nullable(Type.Number({ title: 'Beginning of the state; of late and silent, the last measurement' })),
  silent_ms: nullable(Type.Number({ title: 'Time without a measurement after which it is silent' })),
  faults: Type.Array(ApiFault, { title: 'Metrics whose values cannot be true' }),
  clock: nullable(ApiClock),
})
export type ApiDevice = Type.Static<typeof ApiDevice>

export const ApiDevices = Type.Object(
  { devices: Type.Array(ApiDevice) },
  {
    examples: [
      {
        devices: [
          {
            site: 'ka-do',
            node: 'n-1',
            device: 'air-1',
            type: 'air_quality',
            name: 'Trạm không khí Ka Đô',
            lat: 11.73,
            lon: 108.53,
            cadence_s: 60,
            last_ts: 1795953600000,
            online: true,
            area: '24943',
            stale: false,
            state: 'measuring',
            since: 1795867200000,
            silent_ms: 300000,
            faults: [],
            clock: null,
          },
        ],
      },
    ],
  },
)
export type ApiDevices = Type.Static<typeof ApiDevices>

export const ApiSite = Type.Object({
  site: Type.String(),
  name: nullable(Type.String()),
  area: nullable(Type.String({ title: 'Code of the area of the site' })),
  area_name: nullable(Type.String()),
  nodes: Type.Array(Type.String()),
  devices: Type.Integer(),
  online: Type.Integer({ title: 'Devices whose node is connected' }),
  stale: Type.Integer({ title: 'Devices that are silent or were never heard' }),
  lat: nullable(Type.Number()),
  lon: nullable(Type.Number()),
  last_ts: nullable(Milliseconds),
})
export type ApiSite = Type.Static<typeof ApiSite>

export const ApiSites = Type.Object(
  { sites: Type.Array(ApiSite) },
  {
    examples: [
      {
        sites: [
          {
            site: 'ka-do',
            name: 'Trụ sở xã Ka Đô',
            area: '24943',
            area_name: 'Ka Đô',
            nodes: ['n-1'],
            devices: 3,
            online: 3,
            stale: 0,
            lat: 11.73,
            lon: 108.53,
            last_ts: 1795953600000,
          },
        ],
      },
    ],
  },
)

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
  corrected: Type.Number({ title: 'Records whose time was replaced because the clock of the node was wrong' }),
  reused: Type.Number({ title: 'Messages that reuse an earlier number with other content; they are stored' }),
  refused: Type.Number({ title: 'Points that the store rejected' }),
  over_quota: Type.Number({ title: 'Fields, devices, groups and messages dropped because the node exceeded a quota' }),
  problem: nullable(
    Type.Object(
      { ts: Milliseconds, code: Type.String(), reason: Type.String() },
      { title: 'Last reason for a rejection or drop' },
    ),
  ),
})

export const ApiLedger = Type.Object(
  { ledger: Type.Array(ApiLedgerRow) },
  {
    examples: [
      {
        ledger: [
          {
            site: 'ka-do',
            node: 'n-1',
            ts: 1795953600000,
            sent: 1000,
            stored: 997,
            duplicates: 4,
            queued: 2,
            lost: 0,
            rejected: 1,
            offset_ms: 15,
            clamped: 0,
            too_late: 0,
            corrected: 0,
            reused: 0,
            over_quota: 0,
            refused: 0,
            problem: { ts: 1795950000000, code: 'PAYLOAD_INVALID', reason: 'records/0/ts: expected a number' },
          },
        ],
      },
    ],
  },
)

const Password = Type.String({ minLength: 1, maxLength: 200 })

export const ApiLogin = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 32 }), password: Password },
  { examples: [{ name: 'lan', password: 'mot-mat-khau-dai' }] },
)
export type ApiLogin = Type.Static<typeof ApiLogin>

export const ApiPassword = Type.Object(
  { current: Password, next: Password },
  { examples: [{ current: 'mot-mat-khau-dai', next: 'mat-khau-khac-dai-hon' }] },
)
export type ApiPassword = Type.Static<typeof ApiPassword>

export const ApiUser = Type.Object({
  name: Type.String(),
  role: Type.Unsafe<Role>(Type.String({ enum: [...roles] })),
  areas: Type.Optional(Type.Array(Type.String(), { title: 'Codes of the areas that the user is limited to' })),
  unit: Type.Optional(Type.String({ title: 'The unit that the user is limited to' })),
})

export type ApiUser = Type.Static<typeof ApiUser>

export const ApiSession = Type.Object(
  {
    open: Type.Boolean({ title: 'The centre has no accounts: everyone on this machine is the local administrator' }),
    user: Type.Union([ApiUser, Type.Null()], { title: 'null: nobody is logged in' }),
  },
  { examples: [{ open: false, user: { name: 'lan', role: 'operator', areas: ['24931'] } }] },
)
export type ApiSession = Type.Static<typeof ApiSession>
