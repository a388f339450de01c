import type { DynamicConfigValue, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { indicatorLatest } from '@ioc/contract/boards/queries.ts'
import type { IndicatorDescriptor, Levels, Scope } from '@ioc/contract/messages/live.ts'
import { declared, description, historyOf, intervalOf } from './declarations.ts'
import { drillDown } from './links.ts'
import { at, bandMappings, type Context, type PanelSpec, placesOf, type Shown, shownOf } from './panel.ts'
import { datasource, target } from './query.ts'
import type { Language, Text } from './text.ts'
import { thresholdSteps, thresholds } from './thresholds.ts'
import { decimalsOf, grafanaUnit } from './units.ts'

export interface Column {
  readonly field: string
  readonly title: Text
  readonly shown?: Omit<Shown, 'title'>
  readonly width?: number
  readonly links?: readonly { readonly title: string; readonly url: string }[]
  readonly mappings?: ValueMapping[]
}

const placeColumns = {
  area: { vi: 'Xã', en: 'Area' },
  site: { vi: 'Điểm', en: 'Site' },
  device: { vi: 'Thiết bị', en: 'Device' },
  group: { vi: 'Nhóm', en: 'Group' },
  node: { vi: 'Trạm', en: 'Node' },
  Time: { vi: 'Thời điểm', en: 'Time' },
} as const satisfies Record<string, Text>
export const columnOf = (field: keyof typeof placeColumns): Column => ({ field, title: placeColumns[field] })

export interface TableOptions {
  /** What the groups of the indicators are. */
  readonly group?: Text
  /** Whether the least value comes first; by default where the limits of the first indicator say that it is the worst. */
  readonly leastFirst?: boolean
}

/** The newest values of indicators, a row for each place; the worst first, by the first indicator. */
export function table(
  ids: readonly [string, ...string[]],
  scope: Exclude<Scope, 'district'>,
  title?: Text,
  { group = columnOf('group').title, leastFirst }: TableOptions = {},
): PanelSpec {
  return {
    ...{ w: 24, h: scope === 'area' ? 6 : 10 },
    build(context) {
      const all = ids.map(declared)
      const [first] = all as [IndicatorDescriptor]
      const { by } = placesOf[scope]
      const columns: Column[] = [
        ...by.map((tag) => ({
          ...columnOf(tag as 'area'),
          links: drillDown(by.slice(0, by.indexOf(tag) + 1), first.id, context, 'row'),
        })),
        ...(first.by === undefined ? [] : [{ ...columnOf('group'), title: group }]),
        ...all.map((one) => ({
          field: one.id,
          title: one.title,
          shown: shownOf(one),
          mappings: bandMappings(one, context.language),
        })),
      ]
      const panel = cells(title ?? tableTitles[scope], columns, context)
        .description(
          ids
            .map((id) => `### ${declared(id).title[context.language]}\n\n${description(id, context.language)}`)
            .join('\n\n'),
        )
        .interval(intervalOf(first.id))
        .timeFrom(ids.map(historyOf).toSorted((a, b) => days(b) - days(a))[0] ?? '30d')
        .hideTimeOverride(true)
        // Values of different times belong to one row.
        .transformations([
          { id: 'organize', options: { excludeByName: { Time: true }, indexByName: {}, renameByName: {} } },
          { id: 'merge', options: {} },
        ])
        .sortBy([sortBy(first.title[context.language], !(leastFirst ?? first.levels?.direction === 'below'))])
      all.forEach((one, index) => {
        panel.withTarget(target({ query: indicatorLatest(at(one.id, scope), one.id) }, index))
      })
      return panel
    },
  }
}

const tableTitles = {
  area: { vi: 'So sánh các xã', en: 'Areas compared' },
  site: { vi: 'So sánh các điểm', en: 'Sites compared' },
  device: { vi: 'So sánh các thiết bị', en: 'Devices compared' },
} as const satisfies Record<string, Text>

const days = (text: string): number => Number.parseInt(text, 10) / (text.endsWith('h') ? 24 : 1)

const sortBy = (displayName: string, desc: boolean) => ({ build: () => ({ displayName, desc }) })

function cells(title: Text, columns: readonly Column[], context: Context): Table {
  const { language } = context
  const panel = new Table()
    .title(title[language])
    .datasource(datasource)
    .showHeader(true)
    .noValue('–')
    .thresholds(thresholds(undefined))
  for (const { field, title: text, shown, width, links = [], mappings = [] } of columns) {
    panel.overrideByName(field, [
      { id: 'displayName', value: text[language] },
      ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
      ...(links.length === 0 ? [] : [{ id: 'links', value: links }]),
      ...(mappings.length === 0 ? [] : [{ id: 'mappings', value: mappings }]),
      ...(shown === undefined ? [] : properties(shown, language)),
    ])
  }
  return panel
}

/** How the values of a column are shown. */
function properties(
  { unit, source, name, levels, decimals }: Omit<Shown, 'title'>,
  language: Language,
): DynamicConfigValue[] {
  const digits = decimals ?? decimalsOf(unit, name)
  return [
    { id: 'unit', value: grafanaUnit(unit, language, source) },
    ...(digits === undefined ? [] : [{ id: 'decimals', value: digits }]),
    ...(levels === undefined ? [] : coloured(levels)),
  ]
}

/** Text in the colour of its level; Grafana before 10 reads `displayMode`, later versions `cellOptions`. */
const coloured = (levels: Levels): DynamicConfigValue[] => [
  { id: 'thresholds', value: { mode: 'absolute', steps: thresholdSteps(levels) } },
  { id: 'custom.cellOptions', value: { type: 'color-text' } },
  { id: 'custom.displayMode', value: 'color-text' },
]

export interface RawTableOptions {
  readonly about?: Text
  readonly timeFrom?: string
  readonly interval?: string
  readonly sort?: { readonly field: string; readonly desc: boolean }
  /** Columns that nobody reads. */
  readonly hidden?: readonly string[]
  /** The rows of several queries below each other. */
  readonly isMerged?: boolean
  readonly h?: number
}

/** A table of what is not an indicator. */
export function rawTable(
  title: Text,
  queries: readonly string[],
  columns: (context: Context) => readonly Column[],
  { about, timeFrom, interval, sort, hidden = [], isMerged = false, h = 8 }: RawTableOptions = {},
): PanelSpec {
  return {
    ...{ w: 24, h },
    build(context) {
      const all = columns(context)
      const panel = cells(title, all, context)
      if (about) panel.description(about[context.language])
      if (interval) panel.interval(interval)
      if (timeFrom) panel.timeFrom(timeFrom).hideTimeOverride(true)
      const options = {
        excludeByName: Object.fromEntries(hidden.map((name) => [name, true])),
        indexByName: Object.fromEntries(all.map(({ field }, index) => [field, index])),
        renameByName: {},
      }
      panel.transformations([{ id: 'organize', options }, ...(isMerged ? [{ id: 'merge', options: {} }] : [])])
      if (sort) {
        const column = all.find(({ field }) => field === sort.field)
        panel.sortBy([sortBy(column?.title[context.language] ?? sort.field, sort.desc)])
      }
      queries.forEach((query, index) => {
        panel.withTarget(target({ query }, index))
      })
      return panel
    },
  }
}
