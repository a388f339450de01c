import { type Board, type Panel, type PanelType, panelTypes } from './board.ts'
import { isKnownUnit } from './units.ts'

/** Reducers of columns to one value. */
export const calcIds = [
  'lastNotNull',
  'last',
  'firstNotNull',
  'first',
  'mean',
  'max',
  'min',
  'sum',
  'count',
  'range',
  'diff',
] as const
export type CalcId = (typeof calcIds)[number]

export const matcherIds = ['byName', 'byRegexp', 'byType', 'byFrameRefID'] as const
export type MatcherId = (typeof matcherIds)[number]

export const transformationIds = ['joinByField', 'labelsToFields', 'limit', 'merge', 'organize', 'sortBy'] as const
export type TransformationId = (typeof transformationIds)[number]

/**
 * What the page draws, by path; `[]` stands for any index, `*` for any name, and `**` at the end for all that is below.
 * A list holds the values that are drawn; `any` draws each.
 */
type Rules = Readonly<Record<string, typeof any | readonly unknown[]>>
const any = 'any'

const board: Rules = {
  uid: any,
  title: any,
  description: any,
  'tags[]': any,
  'time.from': any,
  'time.to': any,
  refresh: any,
  'links[].title': any,
  'links[].url': any,
  'links[].type': ['link', 'dashboards'],
  'links[].targetBlank': any,
  'links[].keepTime': any,
  'links[].includeVars': any,
  'links[].tags[]': any,
  'links[].placement': any,
  'links[].icon': any,
  'links[].tooltip': any,
  'links[].asDropdown': any,
  'templating.list[].name': any,
  'templating.list[].label': any,
  'templating.list[].description': any,
  'templating.list[].type': ['query', 'custom', 'constant', 'textbox'],
  'templating.list[].query': any,
  'templating.list[].regex': any,
  'templating.list[].multi': any,
  'templating.list[].includeAll': any,
  'templating.list[].allValue': any,
  'templating.list[].hide': [0, 1, 2],
  'templating.list[].current.**': any,
  'templating.list[].options[].**': any,
  'annotations.list[].**': any,
  // Grafana's alone: how its editor and its queries work.
  'templating.list[].allowCustomValue': any,
  'templating.list[].auto': any,
  'templating.list[].auto_count': any,
  'templating.list[].auto_min': any,
  'templating.list[].datasource.**': any,
  'templating.list[].definition': any,
  'templating.list[].refresh': any,
  'templating.list[].skipUrlSync': [false],
  'templating.list[].sort': any,
  editable: any,
  fiscalYearStartMonth: [0],
  graphTooltip: [0, 1, 2],
  liveNow: [false],
  preload: [false],
  schemaVersion: any,
  version: any,
  weekStart: any,
  timezone: ['Asia/Ho_Chi_Minh'],
  'timepicker.**': any,
}

const everyPanel: Rules = {
  id: any,
  type: [...panelTypes, 'row'],
  title: any,
  description: any,
  'gridPos.*': any,
  interval: any,
  timeFrom: any,
  transparent: any,
  repeat: any,
  repeatDirection: ['h', 'v'],
  maxPerRow: any,
  'links[].title': any,
  'links[].url': any,
  'links[].targetBlank': any,
  'targets[].refId': any,
  'targets[].query': any,
  'targets[].resultFormat': ['time_series', 'table'],
  'targets[].alias': any,
  'targets[].hide': any,
  'fieldConfig.defaults.displayName': any,
  'fieldConfig.defaults.unit': any,
  'fieldConfig.defaults.decimals': any,
  'fieldConfig.defaults.min': any,
  'fieldConfig.defaults.max': any,
  'fieldConfig.defaults.noValue': any,
  'fieldConfig.defaults.color.mode': ['thresholds', 'fixed', 'palette-classic', 'palette-classic-by-name'],
  'fieldConfig.defaults.color.fixedColor': any,
  'fieldConfig.defaults.thresholds.mode': ['absolute', 'percentage'],
  'fieldConfig.defaults.thresholds.steps[].value': any,
  'fieldConfig.defaults.thresholds.steps[].color': any,
  'fieldConfig.defaults.mappings[].**': any,
  'fieldConfig.defaults.links[].title': any,
  'fieldConfig.defaults.links[].url': any,
  'fieldConfig.defaults.links[].targetBlank': any,
  // Grafana's alone: the frame of a panel names its time in any case.
  hideTimeOverride: any,
  'datasource.**': any,
  'targets[].datasource.**': any,
  'targets[].rawQuery': [true],
  pluginVersion: any,
}

/** Options of the transformations, by id. */
const transformations: Readonly<Record<TransformationId, Rules>> = {
  joinByField: { byField: any, mode: ['outer', 'outerTabular', 'inner'] },
  labelsToFields: { mode: ['columns'] },
  limit: { limitField: any },
  merge: {},
  organize: { 'excludeByName.*': any, 'indexByName.*': any, 'renameByName.*': any, 'includeByName.*': [] },
  sortBy: { 'sort[].field': any, 'sort[].desc': any },
}

const reduceOptions: Rules = {
  'options.reduceOptions.calcs[]': calcIds,
  'options.reduceOptions.fields': any,
  'options.reduceOptions.values': any,
  'options.reduceOptions.limit': any,
}

const legend: Rules = {
  'options.legend.showLegend': any,
  'options.legend.displayMode': ['list', 'table', 'hidden'],
  'options.legend.placement': ['bottom', 'right'],
  'options.legend.calcs[]': calcIds,
  'options.tooltip.mode': ['single', 'multi', 'none'],
  'options.tooltip.sort': ['asc', 'desc', 'none'],
  'options.tooltip.maxHeight': any,
}

const byType: Readonly<Record<PanelType | 'row', Rules>> = {
  row: { collapsed: any },
  timeseries: {
    ...legend,
    ...custom({
      drawStyle: ['line', 'bars', 'points'],
      lineInterpolation: ['linear', 'smooth', 'stepBefore', 'stepAfter'],
      lineWidth: any,
      'lineStyle.fill': ['solid', 'dash', 'dot'],
      'lineStyle.dash[]': any,
      fillOpacity: any,
      gradientMode: ['none', 'opacity', 'hue', 'scheme'],
      spanNulls: any,
      insertNulls: [false],
      showPoints: ['auto', 'never', 'always'],
      pointSize: any,
      'stacking.mode': ['none', 'normal', 'percent'],
      'stacking.group': any,
      axisPlacement: ['auto', 'left', 'right', 'hidden'],
      axisLabel: any,
      axisSoftMin: any,
      axisSoftMax: any,
      axisBorderShow: [false],
      axisCenteredZero: [false],
      axisColorMode: ['text'],
      axisGridShow: any,
      barAlignment: [-1, 0, 1],
      barMaxWidth: any,
      barWidthFactor: any,
      'scaleDistribution.type': ['linear'],
      'thresholdsStyle.mode': ['off', 'line', 'dashed'],
      'hideFrom.*': any,
    }),
  },
  'state-timeline': {
    ...legend,
    'options.mergeValues': any,
    'options.showValue': ['auto', 'always', 'never'],
    'options.alignValue': ['left', 'center', 'right'],
    'options.rowHeight': any,
    'options.perPage': any,
    ...custom({ lineWidth: any, fillOpacity: any, spanNulls: any, insertNulls: [false], 'hideFrom.*': any }),
  },
  stat: {
    ...reduceOptions,
    'options.orientation': ['auto', 'horizontal', 'vertical'],
    'options.textMode': ['auto', 'value', 'value_and_name', 'name', 'none'],
    'options.colorMode': ['none', 'value', 'background'],
    'options.graphMode': ['none', 'area'],
    'options.justifyMode': ['auto', 'center'],
    'options.wideLayout': any,
    'options.showPercentChange': [false],
    'options.percentChangeColorMode': any,
    'options.text.*': any,
  },
  gauge: {
    ...reduceOptions,
    'options.orientation': ['auto', 'horizontal', 'vertical'],
    'options.showThresholdLabels': [false],
    'options.showThresholdMarkers': any,
    'options.sizing': ['auto'],
    'options.minVizHeight': any,
    'options.minVizWidth': any,
    'options.text.*': any,
  },
  bargauge: {
    ...reduceOptions,
    ...legend,
    'options.orientation': ['auto', 'horizontal', 'vertical'],
    'options.displayMode': ['basic', 'gradient', 'lcd'],
    'options.valueMode': ['color', 'text', 'hidden'],
    'options.namePlacement': ['auto', 'left', 'top'],
    'options.showUnfilled': any,
    'options.sizing': ['auto'],
    'options.minVizHeight': any,
    'options.minVizWidth': any,
    'options.maxVizHeight': any,
    'options.text.*': any,
  },
  table: {
    'options.showHeader': any,
    'options.sortBy[].displayName': any,
    'options.sortBy[].desc': any,
    'options.cellHeight': ['sm', 'md', 'lg'],
    'options.frameIndex': [0],
    'options.showTypeIcons': [false],
    'options.enablePagination': any,
    'options.footer.show': [false],
    'options.footer.countRows': [false],
    'options.footer.reducer[]': any,
    ...custom({
      align: ['auto', 'left', 'center', 'right'],
      width: any,
      minWidth: any,
      hidden: any,
      filterable: any,
      inspect: [false],
      'cellOptions.type': ['auto', 'color-text', 'color-background', 'gauge'],
      'cellOptions.mode': ['basic', 'gradient', 'lcd'],
      'cellOptions.valueDisplayMode': ['color', 'text', 'hidden'],
      'cellOptions.applyToRow': [false],
      'cellOptions.wrapText': any,
      // What Grafana 9.3 calls the type of a cell; the boards write both.
      displayMode: ['auto', 'color-text', 'color-background', 'color-background-solid', 'basic', 'gradient-gauge'],
      'hideFrom.*': any,
    }),
  },
  geomap: {
    'options.view.**': any,
    'options.basemap.**': any,
    'options.controls.**': any,
    'options.layers[].**': any,
    'options.tooltip.mode': any,
    ...custom({ 'hideFrom.*': any }),
  },
  text: { 'options.mode': ['markdown'], 'options.content': any, 'options.code.**': any },
}

/** Every path of a board that the page would ignore, with the panel that it is of: `panels[3].options.…`. */
export function unsupported(json: Board): string[] {
  const { panels, ...rest } = json
  return [
    ...unknown(rest, board),
    ...panels.flatMap((panel, index) => unsupportedOfPanel(panel).map((path) => `panels[${index}].${path}`)),
  ]
}

/** Every path of a panel that the page would ignore. */
export function unsupportedOfPanel(json: Panel): string[] {
  const { panels = [], transformations: steps = [], fieldConfig, ...rest } = json
  const ofType: Rules | undefined = byType[json.type]
  if (!ofType) return ['type']
  const rules = { ...everyPanel, ...ofType }
  const { overrides = [], ...fields } = fieldConfig ?? {}
  return [
    ...unknown({ ...rest, fieldConfig: fields }, rules),
    ...unknownUnit(fieldConfig?.defaults?.unit, 'fieldConfig.defaults.unit'),
    ...overrides.flatMap(({ matcher, properties }, index) => {
      const path = `fieldConfig.overrides[${index}]`
      return [
        ...((matcherIds as readonly string[]).includes(matcher.id) ? [] : [`${path}.matcher.id`]),
        ...properties.flatMap(({ id, value }) => [
          // A property is supported where it is as a default.
          ...unknown(value ?? null, rules, `fieldConfig.defaults.${id}`).map(() => `${path}.${id}`),
          ...(id === 'unit' ? unknownUnit(value, `${path}.unit`) : []),
        ]),
      ]
    }),
    ...steps.flatMap(({ id, options }, index) => {
      const path = `transformations[${index}]`
      if (!(transformationIds as readonly string[]).includes(id)) return [`${path}.id`]
      return unknown(options, transformations[id as TransformationId]).map((below) => `${path}.options.${below}`)
    }),
    ...panels.flatMap((panel, index) => unsupportedOfPanel(panel).map((path) => `panels[${index}].${path}`)),
  ]
}

function unknownUnit(unit: unknown, path: string): string[] {
  return typeof unit === 'string' && !isKnownUnit(unit) ? [path] : []
}

function custom(rules: Rules): Rules {
  return Object.fromEntries(Object.entries(rules).map(([path, rule]) => [`fieldConfig.defaults.custom.${path}`, rule]))
}

/** Paths of values that no rule accepts. Empty objects and lists say nothing. */
function unknown(value: unknown, rules: Rules, path = ''): string[] {
  if (typeof value === 'object' && value !== null) {
    if (accepts(rules, `${path}.**`)) return []
    return Object.entries(value).flatMap(([key, item]) => {
      const step = Array.isArray(value) ? `[${key}]` : `${path === '' ? '' : '.'}${key}`
      return unknown(item, rules, path + step)
    })
  }
  return accepts(rules, path, value) ? [] : [path]
}

function accepts(rules: Rules, path: string, value?: unknown): boolean {
  const indexed = path.replace(/\[\d+\]/g, '[]')
  const parent = indexed.slice(0, indexed.lastIndexOf('.'))
  const rule = Object.hasOwn(rules, indexed) ? rules[indexed] : rules[`${parent}.*`]
  return rule === any || (Array.isArray(rule) && rule.includes(value))
}
