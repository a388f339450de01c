import Type from 'typebox'
import { ApiDevice, ApiLatest, ApiLedgerRow, ApiSite } from './api.ts'
import { Milliseconds, nullable, slug } from './api-schema.ts'

/** What `/api/sites/{site}` and `/api/devices/{site}/{device}` accept and return. */

// A union would turn the text "1" into a number.
const FieldValue = Type.Unsafe<number | string | boolean | null>({})

export const ApiSiteParams = Type.Object({ site: slug('Name of the site', 'khi-tuong-dran') })
export type ApiSiteParams = Type.Static<typeof ApiSiteParams>

export const ApiDeviceParams = Type.Object({
  ...ApiSiteParams.properties,
  device: slug('Name of the device', 'weather'),
})
export type ApiDeviceParams = Type.Static<typeof ApiDeviceParams>

const Node = Type.Object({
  site: Type.String(),
  node: Type.String(),
  online: Type.Boolean(),
  session: nullable(Type.Number({ title: 'When its session began, by its own clock' })),
  agent: nullable(Type.Object({ version: Type.String(), host: Type.String() })),
})

/** A live value of an indicator at a place. */
const PlaceIndicator = Type.Object({
  id: Type.String(),
  group: Type.Optional(Type.String()),
  ...ApiLatest.properties,
})

const Metric = Type.Object({
  type: Type.String(),
  metric: Type.String(),
  title: nullable(Type.Object({ vi: Type.String(), en: Type.String() }, { title: 'Null: not declared' })),
  unit: nullable(Type.String()),
  ts: Milliseconds,
  value: FieldValue,
})

const Day = Type.Object({
  day: Type.String({ title: 'In Asia/Ho_Chi_Minh' }),
  measured: Type.Integer(),
  expected: Type.Integer({ title: 'As many as its cadence allows; of today, until now' }),
  share: nullable(Type.Number({ title: 'Measured of expected, at most 1; null: before its first measurement' })),
})

export const ApiDeviceDetail = Type.Object(
  {
    device: ApiDevice,
    types: Type.Array(Type.String(), { title: 'All types that it sends' }),
    site_name: nullable(Type.String()),
    area_name: nullable(Type.String()),
    node: nullable(Node),
    ledger: nullable(ApiLedgerRow),
    metrics: Type.Array(Metric, { title: 'The newest value of each' }),
    indicators: Type.Array(PlaceIndicator, { title: 'Of the scope device' }),
    availability: Type.Array(Day, { title: 'The last 30 days, oldest first; empty for feeds of cases' }),
    messages: Type.Array(
      Type.Object({ ts: Milliseconds, type: Type.String(), values: Type.Record(Type.String(), FieldValue) }),
      { title: 'The last measurements as they are stored, newest first' },
    ),
  },
  {
    examples: [
      {
        device: {
          ...{ site: 'khi-tuong-dran', node: 'n-1', device: 'weather', type: 'weather', name: "Trạm D'Ran" },
          ...{ lat: 11.84, lon: 108.59, cadence_s: 600, last_ts: 1795953600000, online: true, area: '24934' },
          ...{ stale: false, state: 'measuring', since: 1795867200000, silent_ms: 3000000, faults: [], clock: null },
        },
        types: ['weather'],
        site_name: "Trạm khí tượng D'Ran",
        area_name: "D'Ran",
        node: { site: 'khi-tuong-dran', node: 'n-1', online: true, session: 1795950000000, agent: null },
        ledger: null,
        metrics: [
          {
            ...{ type: 'weather', metric: 'rain_mm', unit: 'mm', ts: 1795953600000, value: 0.4 },
            title: { vi: 'Lượng mưa từ lần đo trước', en: 'Rain since the last record' },
          },
        ],
        indicators: [{ id: 'rain_1h', ts: 1795953600000, value: 1.2, level: 0, samples: 6 }],
        availability: [{ day: '2026-11-29', measured: 143, expected: 144, share: 0.993 }],
        messages: [{ ts: 1795953600000, type: 'weather', values: { rain_mm: 0.4, temperature_c: 18.2 } }],
      },
    ],
  },
)
export type ApiDeviceDetail = Type.Static<typeof ApiDeviceDetail>

export const ApiSiteDetail = Type.Object(
  {
    site: ApiSite,
    devices: Type.Array(ApiDevice),
    nodes: Type.Array(Node),
    ledgers: Type.Array(ApiLedgerRow),
    indicators: Type.Array(PlaceIndicator, { title: 'Of the scope site' }),
  },
  {
    examples: [
      {
        site: {
          ...{ site: 'khi-tuong-dran', name: "Trạm khí tượng D'Ran", area: '24934', area_name: "D'Ran" },
          ...{ nodes: ['n-1'], devices: 1, online: 1, stale: 0, lat: 11.84, lon: 108.59, last_ts: 1795953600000 },
        },
        devices: [],
        nodes: [{ site: 'khi-tuong-dran', node: 'n-1', online: true, session: 1795950000000, agent: null }],
        ledgers: [],
        indicators: [{ id: 'rain_1h', ts: 1795953600000, value: 1.2, level: 0, samples: 6 }],
      },
    ],
  },
)
export type ApiSiteDetail = Type.Static<typeof ApiSiteDetail>
