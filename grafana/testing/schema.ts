import Type from 'typebox'

/**
 * The part of Grafana's dashboard model (schema version 1) that the boards may use: what Grafana 9.3 and the newest one
 * have in common, and the page of the wall draws. Strict, so that a property that slips in from the SDK is noticed.
 */
const strict = { additionalProperties: false } as const
const open = Type.Record(Type.String(), Type.Unknown())
const optional = Type.Optional

const Datasource = Type.Object({ type: Type.Literal('influxdb'), uid: Type.Literal('ioc-influx') }, strict)
const GridPos = Type.Object(
  {
    x: Type.Integer({ minimum: 0, maximum: 23 }),
    y: Type.Integer({ minimum: 0 }),
    w: Type.Integer({ minimum: 1, maximum: 24 }),
    h: Type.Integer({ minimum: 1 }),
  },
  strict,
)
const Duration = Type.String({ pattern: '^[1-9]\\d*[smhd]$' })
const Link = Type.Object({ title: Type.String({ minLength: 1 }), url: Type.String({ pattern: '^/d/' }) }, strict)
const Thresholds = Type.Object(
  {
    mode: Type.Literal('absolute'),
    steps: Type.Array(
      Type.Object({ value: Type.Union([Type.Number(), Type.Null()]), color: Type.String({ minLength: 1 }) }, strict),
      { minItems: 1 },
    ),
  },
  strict,
)
const Mapping = Type.Object(
  {
    type: Type.Literal('value'),
    options: Type.Record(
      Type.String(),
      Type.Object({ text: Type.String(), index: Type.Integer(), color: optional(Type.String()) }, strict),
    ),
  },
  strict,
)

const Target = Type.Object(
  {
    refId: Type.String({ pattern: '^[A-Z]{1,2}$' }),
    query: Type.String({ minLength: 1 }),
    resultFormat: Type.Enum(['time_series', 'table']),
    rawQuery: Type.Literal(true),
    alias: optional(Type.String({ minLength: 1 })),
    datasource: Datasource,
  },
  strict,
)

const FieldConfig = Type.Object(
  {
    defaults: Type.Object(
      {
        unit: optional(Type.String({ minLength: 1 })),
        decimals: optional(Type.Integer({ minimum: 0, maximum: 6 })),
        min: optional(Type.Number()),
        max: optional(Type.Number()),
        noValue: optional(Type.String()),
        color: optional(Type.Object({ mode: Type.String(), fixedColor: optional(Type.String()) }, strict)),
        thresholds: optional(Thresholds),
        mappings: optional(Type.Array(Mapping)),
        links: optional(Type.Array(Link)),
        custom: optional(open),
      },
      strict,
    ),
    overrides: Type.Array(
      Type.Object(
        {
          matcher: Type.Object({ id: Type.Literal('byName'), options: Type.String() }, strict),
          properties: Type.Array(Type.Object({ id: Type.String(), value: Type.Unknown() }, strict), { minItems: 1 }),
        },
        strict,
      ),
    ),
  },
  strict,
)

const Panel = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    type: Type.Enum(['timeseries', 'stat', 'gauge', 'bargauge', 'table', 'state-timeline', 'geomap', 'text']),
    title: Type.String({ minLength: 1 }),
    description: optional(Type.String()),
    datasource: optional(Datasource),
    transparent: optional(Type.Boolean()),
    gridPos: GridPos,
    targets: optional(Type.Array(Target)),
    transformations: optional(
      Type.Array(Type.Object({ id: Type.Enum(['organize', 'merge', 'joinByField']), options: open }, strict)),
    ),
    interval: optional(Duration),
    timeFrom: optional(Duration),
    hideTimeOverride: optional(Type.Boolean()),
    repeatDirection: optional(Type.String()),
    options: optional(open),
    fieldConfig: optional(FieldConfig),
  },
  strict,
)

const Row = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    type: Type.Literal('row'),
    title: Type.String({ minLength: 1 }),
    collapsed: Type.Boolean(),
    gridPos: GridPos,
    panels: Type.Array(Panel),
  },
  strict,
)

const Choice = Type.Object(
  {
    selected: optional(Type.Boolean()),
    text: Type.Union([Type.String(), Type.Array(Type.String())]),
    value: Type.Union([Type.String(), Type.Array(Type.String())]),
  },
  strict,
)
const Variable = Type.Object(
  {
    name: Type.Enum(['area', 'site', 'device', 'indicator']),
    label: Type.String({ minLength: 1 }),
    type: Type.Enum(['query', 'custom']),
    query: Type.String({ minLength: 1 }),
    definition: optional(Type.String()),
    datasource: optional(Datasource),
    multi: optional(Type.Boolean()),
    includeAll: optional(Type.Boolean()),
    allowCustomValue: optional(Type.Boolean()),
    allValue: optional(Type.Literal('.*')),
    current: optional(Choice),
    options: optional(Type.Array(Choice)),
    refresh: optional(Type.Integer({ minimum: 0, maximum: 2 })),
    sort: optional(Type.Integer()),
    hide: optional(Type.Literal(0)),
    skipUrlSync: optional(Type.Literal(false)),
  },
  strict,
)

export const DashboardSchema = Type.Object(
  {
    uid: Type.String({ pattern: '^ioc-[\\w-]{1,36}$' }),
    title: Type.String({ minLength: 1 }),
    description: Type.String({ minLength: 1 }),
    tags: Type.Array(Type.String()),
    timezone: Type.Literal('Asia/Ho_Chi_Minh'),
    weekStart: Type.Literal('monday'),
    editable: Type.Literal(false),
    graphTooltip: Type.Literal(1),
    fiscalYearStartMonth: optional(Type.Integer()),
    preload: optional(Type.Boolean()),
    liveNow: optional(Type.Boolean()),
    schemaVersion: Type.Integer({ minimum: 37 }),
    refresh: Duration,
    time: Type.Object({ from: Type.String({ pattern: '^now-\\d+[hd]$' }), to: Type.Literal('now') }, strict),
    templating: optional(Type.Object({ list: Type.Array(Variable) }, strict)),
    annotations: Type.Object(
      {
        list: Type.Array(
          Type.Object(
            {
              name: Type.String(),
              datasource: Datasource,
              enable: Type.Boolean(),
              hide: Type.Boolean(),
              iconColor: Type.String(),
              builtIn: optional(Type.Integer()),
              query: Type.String(),
              textColumn: Type.String(),
              titleColumn: Type.String(),
              tagsColumn: Type.String(),
            },
            strict,
          ),
        ),
      },
      strict,
    ),
    links: Type.Array(
      Type.Object(
        {
          title: Type.String(),
          type: Type.Literal('dashboards'),
          tags: Type.Array(Type.String()),
          asDropdown: Type.Boolean(),
          keepTime: Type.Boolean(),
          includeVars: Type.Boolean(),
          targetBlank: Type.Boolean(),
          icon: Type.String(),
          tooltip: Type.String(),
          url: optional(Type.String()),
        },
        strict,
      ),
    ),
    panels: Type.Array(Type.Union([Panel, Row]), { minItems: 1 }),
  },
  strict,
)
