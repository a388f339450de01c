import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  AnnotationQueryBuilder,
  CustomVariableBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  type RowPanel,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { BoardGroup } from '@ioc/contract/boards/groups.ts'
import type { PanelBuilder, PanelSpec } from './panel.ts'
import { datasource } from './query.ts'
import type { Language, Text } from './text.ts'

/** A board: the name of its files, and what Grafana is provisioned with. */
export interface Board {
  readonly name: string
  readonly build: (language: Language) => Dashboard
}

export interface BoardSpec {
  /** Its uid is `ioc-` and this. */
  readonly name: string
  readonly title: Text
  /** Where the menu has it; Grafana has it as a tag. */
  readonly group: BoardGroup
  readonly about: Text
  /** The time range that it opens with, back from now. */
  readonly last: string
  readonly refresh?: string
  readonly variables?: readonly VariableSpec[]
  readonly sections: readonly Section[]
}

/** Panels under a heading, from left to right and from top to bottom. */
export interface Section {
  readonly title?: Text
  /** Closed until a viewer opens it, so that it asks nothing before. */
  readonly collapsed?: boolean
  readonly panels: readonly PanelSpec[]
}

/** A variable whose values the store knows, or one of a fixed choice. */
export type VariableSpec = { readonly name: string; readonly label: Text } & (
  | {
      readonly query: string
      /** Several values can be chosen, and all of them are at first. */
      readonly many: boolean
    }
  | { readonly options: readonly { readonly value: string; readonly title: Text }[]; readonly first: string }
)

const columns = 24

export function board(spec: BoardSpec): Board {
  return { name: spec.name, build: (language) => build(spec, language) }
}

function build(
  { name, title, group, about, last, refresh = '1m', variables = [], sections }: BoardSpec,
  language: Language,
) {
  const uid = `ioc-${name}`
  const builder = new DashboardBuilder(title[language])
    .uid(uid)
    .description(about[language])
    .tags(['ioc', group])
    .timezone('Asia/Ho_Chi_Minh')
    .weekStart('monday')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: `now-${last}`, to: 'now' })
    .refresh(refresh)
    .readonly()
    .annotation(incidents(language))
    .link(allBoards(language))
  for (const variable of variables) builder.withVariable(chooser(variable, language))
  let id = 0
  let y = 0
  for (const { title: heading, collapsed = false, panels } of sections) {
    if (panels.length === 0) continue
    const top = heading ? y + 1 : y
    const places = flow(panels, top)
    const built = panels.map((panel, index): PanelBuilder => {
      id += 1
      return panel
        .build({ uid, language })
        .id(id)
        .gridPos(places[index] ?? { x: 0, y: top, w: columns, h: 1 })
    })
    if (heading) {
      id += 1
      const row = new RowBuilder(heading[language]).id(id).collapsed(collapsed).gridPos({ x: 0, y, w: columns, h: 1 })
      if (collapsed) for (const panel of built) row.withPanel(panel)
      builder.withRow(row)
    }
    if (!heading || !collapsed) for (const panel of built) builder.withPanel(panel)
    y = heading && collapsed ? y + 1 : Math.max(top, ...places.map((place) => place.y + place.h))
  }
  return commonSubset(builder.build())
}

/** Leaves out what the SDK sets by itself, and only the newest Grafana knows. */
function commonSubset(dashboard: Dashboard): Dashboard {
  const { links = [], annotations, templating, panels = [] } = dashboard
  const unplaced = <T extends { placement?: unknown }>({ placement: _, ...rest }: T) => rest
  const unpaged = <T extends Panel | RowPanel>(panel: T): T => {
    if ('panels' in panel) return { ...panel, panels: panel.panels.map(unpaged) }
    const { perPage: _, ...options } = panel.options ?? {}
    return panel.type === 'state-timeline' ? { ...panel, options } : panel
  }
  // The SDK gives every variable the options of one of intervals.
  const chosen = ({ auto: _, auto_count: __, auto_min: ___, ...variable }: VariableModel) => variable
  return {
    ...dashboard,
    links: links.map(unplaced) as DashboardLink[],
    annotations: { list: (annotations?.list ?? []).map(unplaced) },
    templating: { list: (templating?.list ?? []).map(chosen) },
    panels: panels.map(unpaged),
  }
}

/** Places of panels in lines of the grid; a panel with a place of its own keeps it. */
function flow(panels: readonly PanelSpec[], top: number) {
  let [x, y, height] = [0, top, 0]
  return panels.map((panel) => {
    const { w, h } = panel
    if (panel.x !== undefined && panel.y !== undefined) return { x: panel.x, y: top + panel.y, w, h }
    if (x + w > columns) {
      y += height
      x = 0
      height = 0
    }
    const place = { x, y, w, h }
    x += w
    height = Math.max(height, h)
    return place
  })
}

/** Incidents with their time, on every chart. The query answers nothing where none was ever written. */
function incidents(language: Language) {
  const titleColumn = { vi: 'title', en: 'title_en' }[language]
  const query = `SELECT "${titleColumn}", "cause", "severity", "site" FROM "incident" WHERE $timeFilter ORDER BY time DESC LIMIT 200`
  // Grafana reads these columns of an InfluxDB annotation beside what all annotations have.
  const columnNames = { query, textColumn: 'cause', titleColumn, tagsColumn: 'severity,site' }
  const annotation = new AnnotationQueryBuilder()
    .name({ vi: 'Sự kiện, sự cố', en: 'Events and incidents' }[language])
    .datasource(datasource)
    .enable(true)
    .hide(false)
    .iconColor('orange')
  return { build: () => ({ ...annotation.build(), ...columnNames }) }
}

/** A menu of all boards, which keeps the time range. */
function allBoards(language: Language): DashboardLinkBuilder {
  return new DashboardLinkBuilder({ vi: 'Các bảng', en: 'Boards' }[language])
    .type(DashboardLinkType.Dashboards)
    .tags(['ioc'])
    .asDropdown(true)
    .keepTime(true)
    .includeVars(false)
}

function chooser(spec: VariableSpec, language: Language): Builder<VariableModel> {
  const { name, label } = spec
  if ('options' in spec) {
    const options = spec.options.map(({ value, title }) => ({
      text: title[language],
      value,
      selected: value === spec.first,
    }))
    const current = options.find(({ selected }) => selected)
    // Grafana reads `text : value`, and a comma ends an option unless it is escaped.
    const values = options.map(({ text, value }) => `${text.replaceAll(',', '\\,')} : ${value}`).join(', ')
    const variable = new CustomVariableBuilder(name).label(label[language]).values(values).options(options)
    return current ? variable.current(current) : variable
  }
  const { query, many } = spec
  const variable = new QueryVariableBuilder(name)
    .label(label[language])
    .datasource(datasource)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.NaturalAsc)
    .multi(many)
    .includeAll(many)
  if (!many) return variable
  const all = { vi: 'Tất cả', en: 'All' }[language]
  // A regular expression that also takes what has no such tag.
  return variable.allValue('.*').current({ selected: true, text: [all], value: ['$__all'] })
}

const labels = {
  area: { vi: 'Xã', en: 'Area' },
  site: { vi: 'Điểm', en: 'Site' },
  device: { vi: 'Thiết bị', en: 'Device' },
} as const satisfies Record<string, Text>

/** Chooses areas, and sites in them that have one of the indicators; without indicators all sites. */
export function places(...ids: readonly string[]): VariableSpec[] {
  const ofSite = ids.length === 0 ? `"scope" = 'site'` : `"id" =~ /^(${ids.join('|')})$/`
  return [
    {
      name: 'area',
      label: labels.area,
      query: `SHOW TAG VALUES FROM "indicator" WITH KEY = "area" WHERE "scope" = 'area'`,
      many: true,
    },
    {
      name: 'site',
      label: labels.site,
      query: `SHOW TAG VALUES FROM "indicator" WITH KEY = "site" WHERE ${ofSite} AND "area" =~ /^$area$/`,
      many: true,
    },
  ]
}

/** Chooses one device of a measurement. */
export function oneDevice(measurement: string): VariableSpec[] {
  return [
    {
      name: 'site',
      label: labels.site,
      query: `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "site"`,
      many: false,
    },
    {
      name: 'device',
      label: labels.device,
      query: `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "device" WHERE "site" =~ /^$site$/`,
      many: false,
    },
  ]
}
