import type { DeviceType } from '@ioc/contract/device-types/device-type.ts'
import { deviceTypes, undeclared } from '@ioc/contract/device-types/table.ts'
import { type Scope, windowStepSeconds } from '@ioc/contract/messages/live.ts'
import { declarations } from '../boards/kit/declarations.ts'
import { measurements } from '../boards/kit/stored.ts'

/** Places of the seeded district: two areas with a site each, and one device of each type at each site. */
const areas = ['24931', '24943']
const siteOf = (area: string): string => `site-${area}`
const valuesOfEach = 4

type Value = number | bigint | string | boolean

/** A point of each kind that the boards ask for, as line protocol with times in ms, up to `now`. */
export function seedLines(now: number): string[] {
  return [...indicatorLines(now), ...recordLines(now), ...centreLines(now)]
}

/** Values of every indicator at every scope that it has, one a window and of two groups where it has groups. */
function indicatorLines(now: number): string[] {
  return declarations.flatMap(({ id, scopes, window, by }) =>
    scopes.flatMap((scope) =>
      placesOf(scope).flatMap((place) =>
        (by === undefined ? [undefined] : groupsOf(by)).flatMap((group) =>
          Array.from({ length: valuesOfEach }, (_, index) => {
            const ts = now - 60_000 - index * windowStepSeconds(window) * 1000
            const fields = { value: 10 + 3 * index, level: BigInt((index + 1) % 4), samples: 10n, target: 90 }
            return line('indicator', { id, scope, ...place, group }, fields, ts)
          }),
        ),
      ),
    ),
  )
}

function placesOf(scope: Scope): Readonly<Record<string, string>>[] {
  switch (scope) {
    case 'district':
      return [{}]
    case 'area':
      return areas.map((area) => ({ area }))
    case 'site':
      return areas.map((area) => ({ area, site: siteOf(area) }))
    case 'device':
      return areas.map((area) => ({ area, site: siteOf(area), device: 'device' }))
  }
}

/** Groups with a space and a comma, as the names of targets have them; the boards ask for one of them by name. */
const groupsOf = (by: string): string[] =>
  by === 'target' ? ['Giá trị sản xuất nông nghiệp (tỷ đồng)', 'Lượt khách, năm'] : ['Đất đai, xây dựng', 'Hộ tịch']

/** Records of a device of each type at each site, and of devices of no declared type. */
function recordLines(now: number): string[] {
  const ofTypes = Object.values<DeviceType>(deviceTypes).flatMap(({ id, cadence_s, metrics }) => {
    const fields = Object.fromEntries(
      Object.entries(metrics).map(([name, { kind }]) => [
        name,
        ({ number: 7, string: 'online', boolean: true } as const)[kind],
      ]),
    )
    return records(id, fields, now, cadence_s)
  })
  return [...ofTypes, ...records(undeclared, { level_cm: 12.5, note_text: 'gần đầy', open_flag: true }, now, 60)]
}

const records = (measurement: string, fields: Readonly<Record<string, Value>>, now: number, cadence_s: number) =>
  areas.flatMap((area) =>
    Array.from({ length: valuesOfEach }, (_, index) =>
      line(
        measurement,
        { area, site: siteOf(area), device: 'device' },
        fields,
        now - 60_000 - index * cadence_s * 1000,
      ),
    ),
  )

/** What the centre writes of itself: ledgers, processes, incidents, and where its sites are. */
function centreLines(now: number): string[] {
  const filled = (measurement: string, value: Value) =>
    Object.fromEntries((measurements[measurement]?.fields ?? []).map((field) => [field, value]))
  const ts = now - 60_000
  return [
    ...areas.flatMap((area) => [
      line('ledger', { site: siteOf(area), node: 'n1' }, filled('ledger', 3n), ts),
      line(
        'place',
        { area, site: siteOf(area) },
        { lat: 11.76, lon: 108.48, name: `Điểm ${area}` },
        now - 40 * 86_400_000,
      ),
    ]),
    ...areas.map((area, index) =>
      line(
        'liveness',
        { area, site: siteOf(area), device: 'device' },
        { state: index === 0 ? 'silent' : 'measuring', stuck: BigInt(index % 2), railed: 0n, clock_wrong: index === 2 },
        ts,
      ),
    ),
    ...areas.map((area, index) =>
      line(
        'incident',
        { id: String(index + 1), aspect: 'loss', kind: 'site', site: siteOf(area) },
        {
          ...{ title: `Mất kết nối trạm ${area}`, title_en: `Site ${area} is unreachable`, severity: 'high' },
          ...{ cause: `site/${siteOf(area)}`, state: 'closed' },
          ...{ affected: 3n, messages: 2n, ttr_s: 600, tta_s: 60 },
        },
        ts,
      ),
    ),
    ...['broker', 'stream-processor', 'storage', 'wall'].map((process) =>
      line('self', { process }, filled('self', 4), ts),
    ),
  ]
}

const escaped = (text: string): string => text.replace(/[ ,=]/g, '\\$&')

function line(
  measurement: string,
  tags: Readonly<Record<string, string | undefined>>,
  fields: Readonly<Record<string, Value>>,
  ts: number,
): string {
  const named = Object.entries(tags).flatMap(([tag, value]) =>
    value === undefined ? [] : [`${tag}=${escaped(value)}`],
  )
  const values = Object.entries(fields).map(([field, value]) => `${field}=${literal(value)}`)
  return `${[measurement, ...named].join(',')} ${values.join(',')} ${ts}`
}

function literal(value: Value): string {
  if (typeof value === 'bigint') return `${value}i`
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
