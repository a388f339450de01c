import Type from 'typebox'
import { Milliseconds, nullable } from './api-schema.ts'

/** What `/api/boards/…` accepts and returns. */

const ScopeName = Type.Unsafe<'device' | 'site' | 'area' | 'district'>(
  Type.String({ enum: ['device', 'site', 'area', 'district'] }),
)
const Texts = Type.Object({ vi: Type.String(), en: Type.String() })

const uid = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', title: 'Uid of the board', examples: ['ioc-home'] })

export const ApiBoardParams = Type.Object({ uid })
export type ApiBoardParams = Type.Static<typeof ApiBoardParams>

export const ApiPanelParams = Type.Object({
  uid,
  id: Type.Integer({ minimum: 0, maximum: 1_000_000, title: 'Id of the panel', examples: [1] }),
})
export type ApiPanelParams = Type.Static<typeof ApiPanelParams>

export const ApiBoardQuery = Type.Object({
  language: Type.Optional(
    Type.Unsafe<'vi' | 'en'>(Type.String({ enum: ['vi', 'en'], title: 'Vietnamese by default', examples: ['en'] })),
  ),
})
export type ApiBoardQuery = Type.Static<typeof ApiBoardQuery>

const VariableText = Type.String({ maxLength: 256 })
/** `var-area=24943`, once for each value; `$__all` for all of them. */
const variableParameters = {
  patternProperties: { '^var-\\w{1,64}$': Type.Union([VariableText, Type.Array(VariableText, { maxItems: 1_000 })]) },
}

export const ApiVariablesQuery = Type.Object({}, variableParameters)
export type ApiVariablesQuery = Readonly<Record<string, string | readonly string[] | undefined>>

const timeOf = (title: string, example: string) =>
  Type.Optional(
    Type.String({
      maxLength: 40,
      title: `${title}: now-6h, now/d, milliseconds since 1970 or ISO 8601`,
      examples: [example],
    }),
  )

export const ApiPanelQuery = Type.Object(
  {
    from: timeOf('Start, by default that of the board', 'now-6h'),
    to: timeOf('End, by default that of the board', 'now'),
    width: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 8_192,
        default: 1_000,
        title: 'Width of the panel in pixels',
        examples: [800],
      }),
    ),
  },
  variableParameters,
)
export type ApiPanelQuery = ApiVariablesQuery & {
  readonly from?: string
  readonly to?: string
  readonly width?: number
}

export const ApiAnnotationsQuery = Type.Object(
  {
    from: timeOf('Start, by default that of the board', 'now-6h'),
    to: timeOf('End, by default that of the board', 'now'),
    language: ApiBoardQuery.properties.language,
  },
  variableParameters,
)
export type ApiAnnotationsQuery = ApiVariablesQuery & {
  readonly from?: string
  readonly to?: string
  readonly language?: 'vi' | 'en'
}

export const ApiBoards = Type.Object(
  {
    boards: Type.Array(
      Type.Object({
        uid: Type.String(),
        title: Texts,
        tags: Type.Array(Type.String()),
        indicators: Type.Array(Type.String(), { title: 'Ids of the indicators that its panels show' }),
      }),
      { title: 'In the order of the menu' },
    ),
    grafana: nullable(Type.String({ title: 'URL of the Grafana that has the same boards (IOC_GRAFANA_URL)' })),
  },
  {
    examples: [
      {
        boards: [
          {
            uid: 'ioc-home',
            title: { vi: 'Tổng quan', en: 'Overview' },
            tags: ['ioc'],
            indicators: ['one_stop_on_time_month'],
          },
        ],
        grafana: 'https://grafana.example.vn',
      },
    ],
  },
)

export const ApiBoard = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  additionalProperties: true,
  title: "The board: Grafana's dashboard JSON, schema version 1",
  examples: [{ uid: 'ioc-home', title: 'Tổng quan', panels: [] }],
})

export const ApiBoardVariables = Type.Object(
  {
    variables: Type.Record(Type.String(), Type.Array(Type.Object({ value: Type.String(), text: Type.String() })), {
      title: 'Choices of each variable, as of the ones before it',
    }),
  },
  {
    examples: [
      {
        variables: {
          area: [{ value: '24943', text: 'Ka Đô' }],
          site: [{ value: 'khi-tuong-dran', text: "Trạm khí tượng D'ran" }],
        },
      },
    ],
  },
)

const Series = Type.Object({
  name: Type.String({ title: 'Measurement' }),
  tags: Type.Optional(Type.Record(Type.String(), Type.String())),
  columns: Type.Array(Type.String()),
  // Of any type each: a union would be tested for each of a hundred thousand cells.
  values: Type.Array(Type.Array(Type.Unsafe<number | string | boolean | null>({})), {
    title: 'Rows; times in milliseconds since 1970, UTC',
  }),
})

export const ApiPanelData = Type.Object(
  {
    from: Milliseconds,
    to: Milliseconds,
    interval_ms: Type.Number({ title: 'The value of $__interval_ms' }),
    results: Type.Array(
      Type.Object({
        refId: Type.String(),
        series: Type.Array(Series),
        indicator: Type.Optional(
          Type.Object(
            {
              id: Type.String(),
              scope: ScopeName,
              tags: Type.Record(Type.String(), Type.String()),
              by: Type.Array(Type.String()),
            },
            { title: 'The indicator that the query asks for: its values go on in the live topics' },
          ),
        ),
        chosen: Type.Optional(
          Type.Record(Type.String(), Type.Array(Type.String()), { title: 'Values of tags with several' }),
        ),
        error: Type.Optional(Type.String({ title: 'Why this query has no answer' })),
      }),
    ),
    comparison: Type.Optional(
      Type.Object(
        {
          previous: nullable(Type.Object({ ts: Milliseconds, value: Type.Number() })),
          period: Type.Unsafe<'week' | 'month' | 'quarter' | 'year'>(
            Type.String({ enum: ['week', 'month', 'quarter', 'year'] }),
          ),
          target: nullable(Type.Number()),
          provisional: Type.Optional(
            Type.Boolean({ title: 'The window of the present value is not over, that of the one before is' }),
          ),
        },
        { title: 'Of a panel of type stat that shows one indicator at one place' },
      ),
    ),
    comparison_error: Type.Optional(Type.String({ title: 'Why there is no comparison, where there should be one' })),
  },
  {
    examples: [
      {
        from: 1795932000000,
        to: 1795953600000,
        interval_ms: 60000,
        results: [
          {
            refId: 'A',
            series: [{ name: 'indicator', columns: ['time', 'value'], values: [[1795953600000, 97.5]] }],
            indicator: { id: 'one_stop_on_time_month', scope: 'area', tags: { area: '24943' }, by: [] },
          },
        ],
        comparison: { previous: { ts: 1793466000000, value: 96.1 }, period: 'month', target: 98 },
      },
    ],
  },
)

export const ApiAnnotations = Type.Object(
  {
    from: Milliseconds,
    to: Milliseconds,
    marks: Type.Array(
      Type.Object({
        from: Milliseconds,
        to: Type.Number({ title: 'As from where the event is of one moment' }),
        name: Type.String({ title: 'Name of the annotation' }),
        colour: Type.String({ title: 'As the board names it' }),
        title: Type.String(),
        text: Type.String(),
        tags: Type.Array(Type.String()),
      }),
      { title: 'The newest first' },
    ),
  },
  {
    examples: [
      {
        from: 1795932000000,
        to: 1795953600000,
        marks: [
          {
            ...{ from: 1795940000000, to: 1795943600000, name: 'Sự kiện, sự cố', colour: 'orange' },
            ...{ title: 'Mất điện', text: 'Mất điện lưới ở Ka Đô', tags: ['warning', 'ka-do'] },
          },
        ],
      },
    ],
  },
)
