import {
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TimelineValueAlignment,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { FieldColorBuilder, FieldColorModeId, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'
import { indicatorHistory, targetHistory } from '@ioc/contract/boards/queries.ts'
import type { IndicatorDescriptor, Scope } from '@ioc/contract/messages/live.ts'
import { declared, description, historyOf, intervalOf, isCounted, spacingOf } from './declarations.ts'
import { linksOf } from './links.ts'
import { aliasOf, at, type Context, type PanelSpec, type Shown, show, shownOf, withGroupTitles } from './panel.ts'
import { datasource, type Query, target } from './query.ts'
import type { Language, Text } from './text.ts'

export interface TrendOptions {
  readonly title?: Text
  readonly scope?: Scope
  readonly tags?: Readonly<Record<string, string>>
  readonly by?: readonly string[]
  readonly stacked?: boolean
}

/** The history of indicators of one unit, or of one indicator at several places or in several groups. */
export function trend(ids: readonly [string, ...string[]], options: TrendOptions = {}): PanelSpec {
  const { scope = 'district', title, tags, by, stacked = false } = options
  return {
    ...{ w: 12, h: 8 },
    build(context) {
      const { language } = context
      const all = ids.map(declared)
      const [first] = all as [IndicatorDescriptor]
      // Limits of different indicators on one axis would contradict each other, and a sum is not what a limit is for.
      const levels =
        !stacked && all.every((one) => JSON.stringify(one.levels) === JSON.stringify(first.levels))
          ? first.levels
          : undefined
      const queries = all.map((one) => at(one.id, scope, { ...(tags && { tags }), ...(by && { by }) }))
      const panel = chart(
        { ...shownOf(first), levels, title: title ?? first.title },
        context,
        isCounted(first.window) && (stacked || (ids.length === 1 && (queries[0]?.by ?? []).length === 0)),
      )
        .description(
          ids
            .map(
              (id) => (ids.length === 1 ? '' : `### ${declared(id).title[language]}\n\n`) + description(id, language),
            )
            .join('\n\n'),
        )
        .interval(intervalOf(first.id))
        .dataLinks(linksOf(queries[0]?.by ?? [], first.id, context, 'labels'))
      if (first.window.kind === 'calendar' && first.window.unit !== 'day') panel.timeFrom(historyOf(first.id))
      if (stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A')).fillOpacity(40)
      // Of a sum of places, the target of one is no target.
      const targetLines =
        queries.length === 1 && !stacked
          ? queries.map((query) => ({ query: targetHistory(query, spacingOf(first)), alias: targetTitle[language] }))
          : []
      const lines: Query[] = [
        ...queries.map((query, index) => ({
          query: indicatorHistory(query, spacingOf(all[index] ?? first)),
          alias:
            [...(ids.length > 1 ? [all[index]?.title[language]] : []), aliasOf(query)].filter(Boolean).join(' · ') ||
            (all[index]?.title[language] ?? ''),
        })),
        ...targetLines,
      ]
      lines.forEach((line, index) => {
        panel.withTarget(target(line, index))
      })
      if (targetLines.length === 0) return withGroupTitles(panel, first, language)
      panel.overrideByName(targetTitle[language], [
        { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
        { id: 'custom.drawStyle', value: GraphDrawStyle.Line },
        { id: 'custom.fillOpacity', value: 0 },
        // Between values of its own times, which are not those of every line.
        { id: 'custom.spanNulls', value: true },
        { id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor: 'text' } },
      ])
      return withGroupTitles(panel, first, language)
    },
  }
}

const targetTitle: Text = { vi: 'Mục tiêu', en: 'Target' }

function chart(shown: Shown, context: Context, isBars: boolean): TimeSeries {
  const panel = show(new TimeSeries(), shown, context)
    .title(shown.title[context.language])
    .datasource(datasource)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .drawStyle(isBars ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .lineWidth(isBars ? 0 : 2)
    .fillOpacity(isBars ? 60 : 0)
    .showPoints(isBars ? VisibilityMode.Never : VisibilityMode.Auto)
    .spanNulls(false)
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        shown.levels ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
      ),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
  const { softMin, softMax } = softLimits(shown, isBars)
  if (softMin !== undefined) panel.axisSoftMin(softMin)
  if (softMax !== undefined) panel.axisSoftMax(softMax)
  return panel
}

/** Counts and amounts begin at zero; a water level or an air pressure would become a flat line. */
const fromZero: ReadonlySet<string> = new Set([
  ...['1', '{camera}', '{site}', '{day}', '{time}', '{PCU}', 'VND', 'By', 'By/s', 'bit/s', '{PCU}/h', '1/h', '1/min'],
  ...['mm', 'ug/m3', 'm3/s', 'mg/L', 'ms', 'W', 'd'],
])

/** The part of an axis that matters: shares that shall be high are looked at near 100 %, from below their limits. */
function softLimits(
  { unit, levels, decimals }: Shown,
  isBars: boolean,
): { readonly softMin?: number; readonly softMax?: number } {
  if (unit !== '%') {
    // A panel of any unit sets its decimals; counts, which have none, start at zero.
    return isBars || (fromZero.has(unit) && decimals === undefined) ? { softMin: 0 } : {}
  }
  if (levels?.direction !== 'below' || isBars) return { softMin: 0 }
  const worst = Math.min(...[levels.attention, levels.warning, levels.critical].filter((one) => one !== undefined))
  return { softMin: Math.max(0, Math.floor(worst - (100 - worst) / 2)), softMax: 100 }
}

export interface RawTrendOptions {
  readonly about?: Text
  readonly interval?: string
  readonly timeFrom?: string
  readonly isBars?: boolean
  /** Of its series, by the names that the query gives them. */
  readonly titles?: Readonly<Record<string, Text>>
}

/** A chart of what is not an indicator. */
export function rawTrend(
  shown: Shown,
  lines: (language: Language) => readonly Query[],
  { about, interval = '1m', timeFrom, isBars = false, titles = {} }: RawTrendOptions = {},
): PanelSpec {
  return {
    ...{ w: 12, h: 8 },
    build(context) {
      const panel = chart(shown, context, isBars).interval(interval)
      if (about) panel.description(about[context.language])
      if (timeFrom) panel.timeFrom(timeFrom)
      lines(context.language).forEach((line, index) => {
        panel.withTarget(target(line, index))
      })
      for (const [name, title] of Object.entries(titles)) {
        panel.overrideByName(name, [{ id: 'displayName', value: title[context.language] }])
      }
      return panel
    },
  }
}

/** When an indicator was beyond its limits, a line for each place. */
export function states(id: string, scope: Scope): PanelSpec {
  return {
    ...{ w: 24, h: 8 },
    build(context) {
      const one = declared(id)
      const query = at(id, scope)
      return timeline(shownOf(one), { query: indicatorHistory(query, spacingOf(one)), alias: aliasOf(query) }, context)
        .description(description(id, context.language))
        .interval(intervalOf(id))
        .dataLinks(linksOf(query.by ?? [], id, context, 'labels'))
    },
  }
}

function timeline(shown: Shown, query: Query, context: Context): StateTimeline {
  return show(new StateTimeline(), shown, context)
    .title(shown.title[context.language])
    .datasource(datasource)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.8)
    .lineWidth(0)
    .fillOpacity(70)
    .alignValue(TimelineValueAlignment.Left)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(false)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .withTarget(target(query, 0))
}

/** The states that a text or a flag had, a line for each series. */
export function rawStates(
  title: Text,
  query: Query,
  mappings: (language: Language) => ValueMapping[],
  interval: string,
): PanelSpec {
  return {
    ...{ w: 24, h: 4 },
    build(context) {
      return timeline({ title, unit: '1', name: '' }, query, context)
        .mappings(mappings(context.language))
        .interval(interval)
    },
  }
}
