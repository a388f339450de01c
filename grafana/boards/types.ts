import { perInterval } from '@ioc/contract/boards/queries.ts'
import type { DeviceType, Metric } from '@ioc/contract/device-types/device-type.ts'
import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { type IndicatorDescriptor, windowStepSeconds } from '@ioc/contract/messages/live.ts'
import { type Board, board, oneDevice } from './kit/board.ts'
import { declarations, declared, seconds } from './kit/declarations.ts'
import { deviceOfRow } from './kit/links.ts'
import { metricMappings } from './kit/mappings.ts'
import type { PanelSpec } from './kit/panel.ts'
import { type Column, columnOf, rawTable } from './kit/tables.ts'
import type { Language, Text } from './kit/text.ts'
import { rawTile, tile } from './kit/tiles.ts'
import { rawStates, rawTrend, trend } from './kit/trends.ts'

/** More figures, charts, states or columns would not be read. */
const maxTiles = 10
const maxCharts = 8
const maxStates = 3
const maxColumns = 8
/** Letters of a title that half the width of a wall has room for. */
const maxTitle = 60

const ofDevice = '"site" =~ /^$site$/ AND "device" =~ /^$device$/ AND $timeFilter'

type Named = readonly [name: string, metric: Metric]

/** The board of one device of a type. */
export function typeBoard(type: DeviceType): Board {
  const { id, title, cadence_s, metrics } = type
  const all: readonly Named[] = Object.entries(metrics)
  const numbers = all.filter(([, { kind }]) => kind === 'number')
  const texts = isGrouped(type) ? [] : all.filter(([, { kind }]) => kind !== 'number')
  const interval = seconds(cadence_s)
  // A record an hour or a day needs a month to become a line.
  const last = cadence_s >= 3600 ? '30d' : '24h'
  const indicators = indicatorsOf(type)
  const figures = isGrouped(type)
    ? indicators.filter(({ at }) => at.by.length === 0).map((one) => tile(one.id, one.at))
    : numbers.map((metric) => newestOf(id, metric, interval, last))
  const limited = indicators.filter(({ id: one }) => isGrouped(type) || declared(one).levels !== undefined)
  const drawn = isGrouped(type) ? [] : numbers
  const hasUnit = ([, { unit }]: Named) => unit !== '1'
  const charts = [
    ...chartsByUnit(id, drawn.filter(hasUnit), interval),
    ...limited.map((one) => trend([one.id], one.at)),
    // What has no unit is of many kinds and sizes, and each has its own chart.
    ...drawn.filter((one) => !hasUnit(one)).flatMap((one) => chartsByUnit(id, [one], interval)),
  ]
  return board({
    name: `type-${id}`,
    title,
    group: 'types',
    about: {
      vi: `Số đo mới nhất, diễn biến và các bản ghi của một thiết bị loại “${title.vi}”.`,
      en: `Newest values, history and records of one device of the type “${title.en}”.`,
    },
    last,
    variables: oneDevice(id),
    sections: [
      { title: { vi: 'Mới nhất', en: 'Newest values' }, panels: figures.slice(0, maxTiles) },
      { title: { vi: 'Diễn biến', en: 'Trends' }, panels: charts.slice(0, maxCharts) },
      ...(texts.length === 0
        ? []
        : [
            {
              title: { vi: 'Trạng thái', en: 'States' },
              panels: texts.slice(0, maxStates).map((metric) => statesOf(id, metric, interval)),
            },
          ]),
      { title: { vi: 'Mọi thiết bị', en: 'All devices' }, panels: [devices(type, all.slice(0, maxColumns), last)] },
      { title: { vi: 'Bản ghi', en: 'Records' }, collapsed: true, panels: [records(type, all)] },
    ],
  })
}

/** Whether each time has several records, one for each value of a text, such as a class of vehicles. */
const isGrouped = ({ id }: DeviceType): boolean =>
  declarations.some(({ source, by }) => source === id && by !== undefined)

/** The indicators of one device, or else of its site; those that have a value most often come first, groups last. */
function indicatorsOf({ id }: DeviceType) {
  const all = declarations.filter(({ source }) => source === id)
  const scope = all.some(({ scopes }) => scopes.includes('device')) ? ('device' as const) : ('site' as const)
  const tags: Readonly<Record<string, string>> =
    scope === 'device' ? { site: '$site', device: '$device' } : { site: '$site' }
  return all
    .filter(({ scopes }) => scopes.includes(scope))
    .toSorted((a, b) => order(a) - order(b))
    .map((one) => ({ id: one.id, at: { scope, tags, by: one.by === undefined ? [] : ['group'] } }))
}

/** Seconds between values; grouped ones count as the rarest, since a figure cannot show them. */
const order = ({ window, by }: IndicatorDescriptor): number => windowStepSeconds(window) + (by === undefined ? 0 : 1e9)

const history = (measurement: string, field: string, aggregate = 'mean') =>
  `SELECT ${aggregate}("${field}") AS "${field}" FROM "${measurement}" WHERE ${ofDevice} ${perInterval()}`

const shown = ([name, { unit, title }]: Named) => ({ title, unit, name })

const newestOf = (measurement: string, metric: Named, interval: string, timeFrom: string): PanelSpec =>
  rawTile(shown(metric), history(measurement, metric[0]), undefined, { interval, timeFrom })

/** A chart for each unit. */
function chartsByUnit(measurement: string, numbers: readonly Named[], interval: string): PanelSpec[] {
  return [...Map.groupBy(numbers, ([, { unit }]) => unit).values()].map((family) => {
    const [first] = family as [Named]
    const title = familyTitle(family.map(([, metric]) => metric.title))
    return rawTrend(
      { ...shown(first), title },
      (language) =>
        family.map(([field, metric]) => ({ query: history(measurement, field), alias: metric.title[language] })),
      { interval },
    )
  })
}

/** The title of several metrics is that of them all, while it can be read. */
function familyTitle(titles: readonly Text[]): Text {
  const [first = { vi: '', en: '' }, ...others] = titles
  const joined = {
    vi: titles.map(({ vi }) => vi).join(', '),
    en: titles.map(({ en }) => en).join(', '),
  }
  if (Math.max(joined.vi.length, joined.en.length) <= maxTitle) return joined
  return { vi: `${first.vi} và ${others.length} số đo khác`, en: `${first.en} and ${others.length} more` }
}

function statesOf(measurement: string, [name, metric]: Named, interval: string): PanelSpec {
  const query = { query: history(measurement, name, 'last'), alias: '$tag_device' }
  return rawStates(metric.title, query, (language) => metricMappings(metric, language), interval)
}

const columnsOf = (metrics: readonly Named[], language: Language): Column[] =>
  metrics.map(([name, metric]) => {
    const { title, unit, kind } = metric
    return {
      ...{ field: name, title, mappings: metricMappings(metric, language) },
      ...(kind === 'number' ? { shown: { unit, name } } : {}),
    }
  })

/** The newest record of each device. */
function devices({ id }: DeviceType, metrics: readonly Named[], last: string): PanelSpec {
  const [first, ...others] = metrics.map(([name]) => `"${name}"`)
  const query = `SELECT last(${first}) AS ${[first, ...others].join(', ')} FROM "${id}" WHERE $timeFilter GROUP BY "area", "site", "device"`
  return rawTable(
    { vi: 'Bản ghi mới nhất của mọi thiết bị', en: 'Newest record of each device' },
    [query],
    ({ language }) => [
      columnOf('area'),
      columnOf('site'),
      {
        ...columnOf('device'),
        links: [{ title: { vi: 'Xem thiết bị này', en: 'Show this device' }[language], url: deviceOfRow(id) }],
      },
      columnOf('Time'),
      ...columnsOf(metrics, language),
    ],
    { timeFrom: last, sort: { field: 'Time', desc: false }, h: 10 },
  )
}

/** What the device sent last, as it came. */
function records({ id }: DeviceType, metrics: readonly Named[]): PanelSpec {
  const fields = metrics.map(([name]) => `"${name}"`).join(', ')
  return rawTable(
    { vi: 'Các bản ghi mới nhất', en: 'Newest records' },
    [`SELECT ${fields} FROM "${id}" WHERE ${ofDevice} ORDER BY time DESC LIMIT 50`],
    ({ language }) => [columnOf('Time'), ...columnsOf(metrics, language)],
    { h: 12 },
  )
}

/** One board for each device type, made from its declaration. */
export const typeBoards: readonly Board[] = Object.values<DeviceType>(deviceTypes).map(typeBoard)
