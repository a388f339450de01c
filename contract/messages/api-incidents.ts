import Type from 'typebox'
import { type ChannelName, channelNames } from '../district/people.ts'
import { Milliseconds, nullable, slug, strict, Time } from './api-schema.ts'
import {
  type IncidentState,
  incidentStates,
  type Severity,
  severities,
  type ThingKind,
  thingKinds,
} from './incidents.ts'
import { type DeliveryState, deliveryStates } from './notifications.ts'

/** What the routes of incidents, maintenance, the work log and the availability report accept and return. */

const Title = Type.Object({ vi: Type.String(), en: Type.String() })
const Text = (title: string) => Type.String({ minLength: 1, maxLength: 1_000, pattern: '\\S', title })

const SeverityName = Type.Unsafe<Severity>(Type.String({ enum: [...severities] }))
const StateName = Type.Unsafe<IncidentState>(Type.String({ enum: [...incidentStates] }))

const stateFilters = ['active', ...incidentStates, 'all'] as const
export type IncidentStateFilter = (typeof stateFilters)[number]

export const ApiIncidentsQuery = Type.Object({
  state: Type.Optional(
    Type.Unsafe<IncidentStateFilter>(
      Type.String({
        enum: [...stateFilters],
        default: 'active',
        title: '`active`: open or acknowledged; with `closed` and `all`, the store is read as well',
        examples: ['active'],
      }),
    ),
  ),
  severity: Type.Optional(
    Type.Unsafe<Severity>(Type.String({ enum: [...severities], title: 'Only this severity', examples: ['critical'] })),
  ),
  area: Type.Optional(
    Type.String({ maxLength: 20, title: 'Code of an area that the incident concerns', examples: ['24934'] }),
  ),
  site: Type.Optional(slug('Site that the incident concerns', 'khi-tuong-dran')),
  device: Type.Optional(slug('With `site`: device that the incident concerns', 'weather')),
  assigned: Type.Optional(
    Type.Unsafe<'me' | 'nobody'>(
      Type.String({
        enum: ['me', 'nobody'],
        title: '`me`: assigned to, or acknowledged by, the user; `nobody`: neither assigned nor acknowledged',
        examples: ['me'],
      }),
    ),
  ),
  from: Type.Optional({
    ...Time,
    title: 'Opened at this time or later; by default 30 days ago',
    examples: [1795262400000],
  }),
  to: Type.Optional({ ...Time, title: 'Opened at this time or earlier; by default now', examples: [1795953600000] }),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 1, title: 'Page of 50', examples: [1] })),
})
export type ApiIncidentsQuery = Type.Static<typeof ApiIncidentsQuery>

export const ApiIncidentParams = Type.Object({
  id: Type.Integer({ minimum: 1, title: 'Number of the incident', examples: [42] }),
})
export type ApiIncidentParams = Type.Static<typeof ApiIncidentParams>

const Acknowledged = Type.Object({
  by: Type.String(),
  at: Milliseconds,
  until: Milliseconds,
  note: Type.String(),
})

const rowProperties = {
  id: Type.Integer(),
  state: StateName,
  severity: SeverityName,
  title: Title,
  cause: Type.String({ title: '`kind/key` of the thing that causes it' }),
  aspect: Type.String(),
  problem: nullable(Type.String({ title: 'As observed, as `silent`; null: not known any more' })),
  began: { ...Milliseconds, title: 'When the problem itself began' },
  opened: Milliseconds,
  ended: nullable(Milliseconds),
  acknowledged: nullable(Acknowledged),
  assigned: nullable(Type.String()),
  affected_count: Type.Integer(),
  flapping: Type.Boolean(),
  site: nullable(Type.String()),
  areas: Type.Array(Type.String(), { title: 'Codes of the areas that it concerns' }),
}

export const ApiIncidentRow = Type.Object(rowProperties)
export type ApiIncidentRow = Type.Static<typeof ApiIncidentRow>

const userRights = ['acknowledge', 'work'] as const
/** What the user may do with incidents: `acknowledge` and assign; `work`: note, resolve, snooze, maintain. */
export type UserRight = (typeof userRights)[number]
export const May = Type.Array(Type.Unsafe<UserRight>(Type.String({ enum: [...userRights] })), {
  title: '`acknowledge` and assign; `work`: note, resolve, snooze, maintain',
})

const rowExample = {
  ...{ id: 42, state: 'acknowledged', severity: 'high', cause: 'device/khi-tuong-dran/weather', aspect: 'loss' },
  title: { vi: "Thiết bị không gửi số liệu Trạm D'Ran", en: "Device is silent Trạm D'Ran" },
  ...{ problem: 'silent', began: 1795950000000, opened: 1795950360000, ended: null },
  acknowledged: { by: 'lan', at: 1795950400000, until: 1795954000000, note: 'Đang đến trạm' },
  ...{ assigned: 'lan', affected_count: 0, flapping: false, site: 'khi-tuong-dran', areas: ['24934'] },
}

export const ApiIncidents = Type.Object(
  {
    incidents: Type.Array(ApiIncidentRow, { title: 'Active before others, the worst first, then the newest' }),
    total: Type.Integer(),
    page: Type.Integer(),
    pages: Type.Integer(),
    complete: Type.Boolean({ title: 'false: the store does not answer, so that older incidents are missing' }),
    may: May,
  },
  {
    examples: [{ incidents: [rowExample], total: 1, page: 1, pages: 1, complete: true, may: ['acknowledge', 'work'] }],
  },
)
export type ApiIncidents = Type.Static<typeof ApiIncidents>

const KindName = Type.Unsafe<ThingKind>(Type.String({ enum: [...thingKinds] }))
const thingStates = ['cause', 'affected', 'abnormal', 'normal'] as const
const Thing = Type.Object({
  thing: Type.String(),
  kind: KindName,
  name: Title,
  state: Type.Unsafe<(typeof thingStates)[number]>(
    Type.String({
      enum: [...thingStates],
      title:
        '`cause` of this incident; `affected` by it; `abnormal`: cause of another one that is active; else `normal`',
    }),
  ),
})
export type ApiThing = Type.Static<typeof Thing>

const Entry = Type.Object({
  at: Milliseconds,
  what: Type.String(),
  by: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
})

const StoredValue = Type.Object({
  ts: Milliseconds,
  metric: Type.String(),
  title: Title,
  unit: Type.String(),
  value: Type.Number(),
})

const Delivery = Type.Object({
  kind: Type.String({ title: 'What it is about, as `opened` or `resolved`' }),
  name: nullable(Type.String({ title: 'Name of the person; null: not to a person' })),
  person: nullable(Type.String({ title: 'Id of the person' })),
  channel: Type.Unsafe<ChannelName>(Type.String({ enum: [...channelNames] })),
  step: Type.Integer({ title: 'Step of the escalation, from 1; 0: an update' }),
  state: Type.Unsafe<DeliveryState>(
    Type.String({ enum: [...deliveryStates], title: '`dropped`: it had become pointless before it was sent' }),
  ),
  at: { ...Milliseconds, title: 'When it was made' },
  changed: { ...Milliseconds, title: 'When it was sent, failed or was tried last' },
  tries: Type.Integer(),
  reason: Type.Optional(Type.String({ title: 'Why it failed or was dropped' })),
})
export type ApiDelivery = Type.Static<typeof Delivery>

export const ApiIncidentDetail = Type.Object(
  {
    ...rowProperties,
    live: Type.Boolean({ title: 'false: only the store has it; its timeline is not known any more' }),
    messages: Type.Integer({ title: 'Notifications so far' }),
    merged_into: nullable(Type.Integer()),
    merged: Type.Array(Type.Integer()),
    timeline: Type.Array(Entry, { title: 'Oldest first' }),
    deliveries: Type.Array(Delivery, {
      title: 'Messages about it, oldest first; none of one that the watch has no longer',
    }),
    chain: Type.Array(Thing, { title: 'From the top of what the cause depends on to the cause' }),
    affected: Type.Array(Thing, { title: 'The first of what the cause takes with it' }),
    place: nullable(
      Type.Object({
        site: Type.String(),
        name: nullable(Type.String()),
        area: nullable(Type.String()),
        area_name: nullable(Type.String()),
        lat: nullable(Type.Number()),
        lon: nullable(Type.Number()),
      }),
    ),
    values: Type.Array(StoredValue, { title: 'What the cause measured around its beginning, oldest first' }),
    may: May,
  },
  {
    examples: [
      {
        ...rowExample,
        ...{ live: true, messages: 1, merged_into: null, merged: [], affected: [] },
        timeline: [
          { at: 1795950360000, what: 'opened' },
          { at: 1795950400000, what: 'acknowledged', by: 'lan', text: 'Đang đến trạm' },
        ],
        chain: [
          {
            ...{ thing: 'device/khi-tuong-dran/weather', kind: 'device', state: 'cause' },
            name: { vi: "Trạm D'Ran", en: "Trạm D'Ran" },
          },
        ],
        deliveries: [
          {
            ...{ kind: 'opened', name: 'Nguyễn Thị Lan', person: 'lan', channel: 'sms', step: 1, state: 'sent' },
            ...{ at: 1795950360000, changed: 1795950362000, tries: 1 },
          },
        ],
        place: {
          ...{ site: 'khi-tuong-dran', name: "Trạm khí tượng D'Ran", area: '24934', area_name: "D'Ran" },
          ...{ lat: 11.84, lon: 108.59 },
        },
        values: [
          {
            ...{ ts: 1795949400000, metric: 'temperature', unit: 'Cel', value: 21.4 },
            title: { vi: 'Nhiệt độ', en: 'Temperature' },
          },
        ],
        may: ['acknowledge', 'work'],
      },
    ],
  },
)
export type ApiIncidentDetail = Type.Static<typeof ApiIncidentDetail>

export const ApiAccepted = Type.Object(
  { accepted: Type.Literal(true, { title: 'The watch has the command; what it does is on the live topics' }) },
  { examples: [{ accepted: true }] },
)
export type ApiAccepted = Type.Static<typeof ApiAccepted>

export const ApiAcknowledge = Type.Object(
  {
    until: { ...Time, title: 'In the next 7 days; an incident that is still active then is open again' },
    note: Type.Optional(Type.String({ maxLength: 1_000 })),
    take: Type.Optional(Type.Boolean({ title: 'Whether to assign it to the user as well' })),
  },
  { ...strict, examples: [{ until: 1795954000000, note: 'Đang đến trạm', take: true }] },
)
export type ApiAcknowledge = Type.Static<typeof ApiAcknowledge>

export const ApiAssign = Type.Object(
  {
    to: nullable(Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', title: 'Name of a user; null: nobody' })),
  },
  { ...strict, examples: [{ to: 'lan' }] },
)
export type ApiAssign = Type.Static<typeof ApiAssign>

export const ApiNote = Type.Object(
  { text: Text('What others need to know') },
  { ...strict, examples: [{ text: 'Đã thay cầu chì, chờ thiết bị khởi động lại' }] },
)
export type ApiNote = Type.Static<typeof ApiNote>

export const ApiSnooze = Type.Object(
  {
    until: nullable({ ...Time, title: 'In the next 30 days: until then the cause opens no incident; null: ends it' }),
    reason: Type.Optional(Text('Why')),
  },
  { ...strict, examples: [{ until: 1795981200000, reason: 'Chờ linh kiện' }] },
)
export type ApiSnooze = Type.Static<typeof ApiSnooze>

const Keys = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 129 }), { maxItems: 1_000 }))
const Covers = Type.Object({ devices: Keys, sites: Keys, areas: Keys, tags: Keys }, { ...strict, minProperties: 1 })
const Every = Type.Object(
  {
    days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7, title: '1 is Monday' }),
    at: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' }),
    minutes: Type.Integer({ minimum: 1, maximum: 10_080 }),
  },
  strict,
)
const windowProperties = {
  reason: Type.String({ minLength: 1, maxLength: 300, pattern: '\\S' }),
  covers: Covers,
  from: Time,
  to: Time,
  every: Type.Optional(Every),
}
const windowExample = {
  ...{ reason: 'Thay pin', covers: { devices: ['khi-tuong-dran/weather'] } },
  ...{ from: 1795953600000, to: 1795960800000 },
}

export const ApiMaintain = Type.Object(windowProperties, { ...strict, examples: [windowExample] })
export type ApiMaintain = Type.Static<typeof ApiMaintain>

export const ApiMaintenance = Type.Object(
  {
    windows: Type.Array(
      Type.Object({ ...windowProperties, id: Type.String(), by: Type.String(), active: Type.Boolean() }),
      { title: 'Those that have not ended' },
    ),
    shelves: Type.Array(
      Type.Object({
        cause: Type.String({ title: '`kind/key#aspect`' }),
        aspect: Type.String(),
        name: Title,
        by: Type.String(),
        reason: Type.String(),
        until: Milliseconds,
      }),
      { title: 'Causes that open no incident until a time' },
    ),
    may: May,
  },
  {
    examples: [
      {
        windows: [{ ...windowExample, id: 'w-1', by: 'lan', active: true }],
        shelves: [
          {
            ...{ cause: 'device/khi-tuong-dran/weather#loss', aspect: 'loss', by: 'lan' },
            ...{ name: { vi: "Trạm D'Ran", en: "Trạm D'Ran" }, reason: 'Chờ linh kiện', until: 1796040000000 },
          },
        ],
        may: ['acknowledge', 'work'],
      },
    ],
  },
)
export type ApiMaintenance = Type.Static<typeof ApiMaintenance>

export const ApiUnshelve = Type.Object(
  { cause: Type.String({ maxLength: 400, title: '`kind/key#aspect`' }) },
  { ...strict, examples: [{ cause: 'device/khi-tuong-dran/weather#loss' }] },
)
export type ApiUnshelve = Type.Static<typeof ApiUnshelve>

export const ApiWindowParams = Type.Object({ id: slug('Id of the window', 'w-1') })
export type ApiWindowParams = Type.Static<typeof ApiWindowParams>

const workProperties = {
  at: { ...Time, title: 'When it was done, in milliseconds since 1970, UTC' },
  what: Text('What was repaired'),
  part: Type.Optional(Type.String({ maxLength: 200, title: 'What was replaced' })),
  cost_vnd: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 })),
  incident: Type.Optional(Type.Integer({ minimum: 1, title: 'Number of the incident that it was for' })),
}
const workExample = { at: 1795957200000, what: 'Thay pin', part: 'Pin 12 V 7 Ah', cost_vnd: 350000, incident: 42 }

export const ApiWork = Type.Object(workProperties, { ...strict, examples: [workExample] })
export type ApiWork = Type.Static<typeof ApiWork>

const workEntryExample = {
  ...{ id: 7, site: 'khi-tuong-dran', device: 'weather', by: 'lan', entered: 1795957800000 },
  ...workExample,
}

export const ApiWorkEntry = Type.Object(
  {
    id: Type.Integer(),
    site: Type.String(),
    device: Type.String(),
    by: Type.String(),
    entered: { ...Milliseconds, title: 'When it was entered' },
    ...workProperties,
  },
  { examples: [workEntryExample] },
)
export type ApiWorkEntry = Type.Static<typeof ApiWorkEntry>

export const ApiWorkLog = Type.Object(
  { entries: Type.Array(ApiWorkEntry, { title: 'Newest first' }), may: May },
  { examples: [{ entries: [workEntryExample], may: ['acknowledge', 'work'] }] },
)
export type ApiWorkLog = Type.Static<typeof ApiWorkLog>

export const ApiAvailabilityQuery = Type.Object({
  month: Type.String({
    pattern: '^20\\d\\d-(0[1-9]|1[0-2])$',
    title: 'Month in Asia/Ho_Chi_Minh',
    examples: ['2026-11'],
  }),
  site: Type.Optional(slug('Only this site', 'khi-tuong-dran')),
})
export type ApiAvailabilityQuery = Type.Static<typeof ApiAvailabilityQuery>

const share = (title: string) => nullable(Type.Number({ title }))

export const ApiAvailability = Type.Object(
  {
    month: Type.String(),
    from: Milliseconds,
    to: { ...Milliseconds, title: 'Of a month that goes on, the last whole hour that is evaluated' },
    sites: Type.Array(
      Type.Object({
        site: Type.String(),
        name: nullable(Type.String()),
        area_name: nullable(Type.String()),
        share: share('Mean of its devices'),
        devices: Type.Array(
          Type.Object({
            device: Type.String(),
            name: nullable(Type.String()),
            type: Type.String(),
            share: share('Measured of expected, at most 1 on each day; null: nothing was expected'),
            missing_s: Type.Number({ title: 'Seconds whose measurements are missing' }),
            bad_days: Type.Integer({ title: 'Days below 95 %' }),
            incidents: Type.Integer({ title: 'Opened in the month at this device' }),
            work: Type.Integer({ title: 'Entries of the work log' }),
            cost_vnd: Type.Number(),
          }),
        ),
      }),
    ),
  },
  {
    examples: [
      {
        ...{ month: '2026-11', from: 1793466000000, to: 1795953600000 },
        sites: [
          {
            ...{ site: 'khi-tuong-dran', name: "Trạm khí tượng D'Ran", area_name: "D'Ran", share: 0.987 },
            devices: [
              {
                ...{ device: 'weather', name: "Trạm D'Ran", type: 'weather', share: 0.987, missing_s: 32340 },
                ...{ bad_days: 2, incidents: 1, work: 1, cost_vnd: 350000 },
              },
            ],
          },
        ],
      },
    ],
  },
)
export type ApiAvailability = Type.Static<typeof ApiAvailability>
