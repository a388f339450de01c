import Type from 'typebox'
import { metricPattern } from '../names.ts'
import { Milliseconds, nullable } from './api-schema.ts'

/** What `/api/analysis/…` accepts and returns. */

const ScopeName = Type.Unsafe<'device' | 'site' | 'area' | 'district'>(
  Type.String({ enum: ['device', 'site', 'area', 'district'] }),
)
const Direction = nullable(Type.Unsafe<'at_least' | 'at_most'>(Type.String({ enum: ['at_least', 'at_most'] })))

const indicator = Type.String({
  pattern: metricPattern,
  title: 'Id of the indicator',
  examples: ['one_stop_on_time_month'],
})
const group = Type.Optional(
  Type.String({ maxLength: 4096, title: 'Group; required if the indicator is grouped', examples: ['land'] }),
)
const period = Type.Optional(
  Type.String({
    pattern: '^[12]\\d{3}(-(Q[1-4]|\\d\\d(-\\d\\d)?))?$',
    title: 'A year, quarter, month or day of Asia/Ho_Chi_Minh; by default the current one',
    examples: ['2026-11'],
  }),
)
const key = Type.Optional(
  Type.String({
    maxLength: 129,
    title: 'Depends on the scope: site/device, a site, the code of an area, or "district"',
    examples: ['24943'],
  }),
)

export const ApiCompareQuery = Type.Object({ indicator, period, group })
export type ApiCompareQuery = Type.Static<typeof ApiCompareQuery>

const Figure = nullable(Type.Number())
const ComparedArea = Type.Object({
  key: Type.String({ title: 'Code of the area' }),
  name: nullable(Type.String()),
  value: Figure,
  rank: nullable(Type.Integer({ minimum: 1, title: '1 is best; equal values share a rank; null: no value' })),
  previous: nullable(Type.Number({ title: 'In the period just before' })),
  previous_difference: Figure,
  year_before: nullable(Type.Number({ title: 'In the same period of the year before' })),
  year_before_difference: Figure,
  target: Figure,
  target_difference: Figure,
})

export const ApiCompare = Type.Object(
  {
    indicator: Type.String(),
    unit: Type.String(),
    period: Type.String(),
    from: Milliseconds,
    to: Milliseconds,
    provisional: Type.Boolean({ title: 'The period is not over: values are as of now' }),
    figure: Type.Unsafe<'value' | 'mean'>(
      Type.String({ enum: ['value', 'mean'], title: 'The value of the period, or the mean of the values in it' }),
    ),
    better: Direction,
    ranked_by: Type.Unsafe<'levels' | 'target' | 'value'>(
      Type.String({
        enum: ['levels', 'target', 'value'],
        title: 'What says which direction is better; `value`: nothing does, the highest value is first',
      }),
    ),
    areas: Type.Array(ComparedArea, { title: 'The best first' }),
    unconfirmed: Type.Optional(Type.Object({ vi: Type.String(), en: Type.String() })),
  },
  {
    examples: [
      {
        indicator: 'one_stop_on_time_month',
        unit: '%',
        period: '2026-11',
        from: 1793466000000,
        to: 1796058000000,
        provisional: true,
        figure: 'value',
        better: 'at_least',
        ranked_by: 'levels',
        areas: [
          {
            key: '24943',
            name: 'Ka Đô',
            value: 98.7,
            rank: 1,
            previous: 97.2,
            previous_difference: 1.5,
            year_before: null,
            year_before_difference: null,
            target: 98,
            target_difference: 0.7,
          },
        ],
      },
    ],
  },
)
export type ApiCompare = Type.Static<typeof ApiCompare>

export const ApiTrendQuery = Type.Object({
  indicator,
  scope: Type.Optional({ ...ScopeName, title: 'District by default', examples: ['area'] }),
  key,
  group,
  period,
})
export type ApiTrendQuery = Type.Static<typeof ApiTrendQuery>

export const ApiTrend = Type.Object(
  {
    indicator: Type.String(),
    unit: Type.String(),
    scope: ScopeName,
    key: Type.String(),
    group: Type.Optional(Type.String()),
    period: Type.String(),
    to: Type.Number({ title: 'End of the period: the projection aims at it' }),
    step: Type.String({ title: 'hour, day, month, quarter or year: what one value stands for' }),
    target: Figure,
    history: Type.Array(Type.Object({ ts: Milliseconds, value: Type.Number() })),
    projection: nullable(
      Type.Object({
        method: Type.String(),
        season: Type.Integer({ title: 'Steps of a season' }),
        complete: Type.Boolean({ title: 'Whether it reaches the end of the period' }),
        points: Type.Array(
          Type.Object({
            ts: Milliseconds,
            value: Type.Number(),
            low: Type.Number({ title: 'Lower end of the range of 95 %' }),
            high: Type.Number({ title: 'Upper end of the range of 95 %' }),
          }),
        ),
      }),
    ),
    reason: nullable(Type.String({ title: 'Why there is no projection' })),
    unconfirmed: Type.Optional(Type.Object({ vi: Type.String(), en: Type.String() })),
  },
  {
    examples: [
      {
        indicator: 'air_pm25_1h',
        unit: 'ug/m3',
        scope: 'area',
        key: '24943',
        period: '2026-11',
        to: 1796058000000,
        step: 'hour',
        target: null,
        history: [{ ts: 1795950000000, value: 21.4 }],
        projection: {
          method: 'seasonal naive',
          season: 24,
          complete: true,
          points: [{ ts: 1795953600000, value: 20.8, low: 11.2, high: 30.4 }],
        },
        reason: null,
      },
    ],
  },
)
export type ApiTrend = Type.Static<typeof ApiTrend>

const instant = { maxLength: 40, title: 'Milliseconds since 1970, or ISO 8601' }

export const ApiUnusualQuery = Type.Object({
  indicator,
  scope: Type.Optional({ ...ScopeName, title: 'District by default', examples: ['area'] }),
  key: Type.Optional(Type.String({ maxLength: 129, title: 'Without it, every key of the scope', examples: ['24943'] })),
  group,
  from: Type.Optional(
    Type.String({ ...instant, title: 'By default a day before `to`', examples: ['2026-11-29T00:00:00+07:00'] }),
  ),
  to: Type.Optional(Type.String({ ...instant, examples: ['1795953600000'] })),
  limit: Type.Optional(
    Type.Number({
      minimum: 0.5,
      maximum: 100,
      default: 3.5,
      examples: [3.5],
      title: 'Robust z-score beyond which a value is unusual',
    }),
  ),
  weeks: Type.Optional(
    Type.Integer({ minimum: 4, maximum: 12, default: 8, examples: [8], title: 'Weeks to compare with' }),
  ),
})
export type ApiUnusualQuery = Type.Static<typeof ApiUnusualQuery>

export const ApiUnusual = Type.Object(
  {
    indicator: Type.String(),
    unit: Type.String(),
    scope: ScopeName,
    from: Milliseconds,
    to: Milliseconds,
    limit: Type.Number(),
    weeks: Type.Integer(),
    keys: Type.Integer({ title: 'Keys that were looked at' }),
    omitted: Type.Integer({ title: 'Keys beyond the limit, which were not' }),
    values: Type.Array(
      Type.Object({
        key: Type.String(),
        ts: Milliseconds,
        value: Type.Number(),
        median: Type.Number({ title: 'Of the same hour of the weeks before' }),
        score: nullable(
          Type.Number({ title: 'Robust z-score; null: all values before were equal, and this one is not' }),
        ),
        compared: Type.Integer({ title: 'Values of weeks before' }),
      }),
      { title: 'The most unusual first' },
    ),
    unconfirmed: Type.Optional(Type.Object({ vi: Type.String(), en: Type.String() })),
  },
  {
    examples: [
      {
        indicator: 'air_pm25_1h',
        unit: 'ug/m3',
        scope: 'area',
        from: 1795867200000,
        to: 1795953600000,
        limit: 3.5,
        weeks: 8,
        keys: 4,
        omitted: 0,
        values: [{ key: '24943', ts: 1795950000000, value: 96.5, median: 20.1, score: 9.2, compared: 8 }],
      },
    ],
  },
)
export type ApiUnusual = Type.Static<typeof ApiUnusual>
