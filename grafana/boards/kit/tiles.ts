import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common'
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as Gauge } from '@grafana/grafana-foundation-sdk/gauge'
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat'
import { TextMode, PanelBuilder as TextPanel } from '@grafana/grafana-foundation-sdk/text'
import { indicatorHistory, indicatorLatest } from '@ioc/contract/boards/queries.ts'
import type { Scope } from '@ioc/contract/messages/live.ts'
import { declared, description, historyOf, intervalOf, spacingOf } from './declarations.ts'
import { dataLink, linksOf, linkTitles } from './links.ts'
import {
  aliasOf,
  at,
  bandMappings,
  type Context,
  newest,
  noValue,
  type PanelSpec,
  type Shown,
  show,
  shownOf,
  withGroupTitles,
} from './panel.ts'
import { datasource, type Query, target } from './query.ts'
import { shortTitles } from './short-titles.ts'
import type { Language, Text } from './text.ts'
import { thresholds } from './thresholds.ts'

export interface TileOptions {
  readonly scope?: Scope
  readonly tags?: Readonly<Record<string, string>>
  /** In place of the indicator's title, where `tags` choose one of its groups. */
  readonly title?: Text
  /** Uid of the board that a click opens. */
  readonly board?: string
}

/** The newest value of an indicator with its history behind it; of the whole district without another scope. */
export function tile(id: string, { scope = 'district', tags, title, board }: TileOptions = {}): PanelSpec {
  return {
    ...{ w: 4, h: 4 },
    build(context) {
      const one = declared(id)
      const query = at(id, scope, tags === undefined ? {} : { tags, by: [] })
      const { language } = context
      const panel = figure(
        { ...shownOf(one), title: title ?? shortTitles[id] ?? one.title },
        indicatorHistory(query, spacingOf(one)),
        context,
      )
        .description(description(id, language))
        .interval(intervalOf(id))
        .timeFrom(historyOf(id))
        .hideTimeOverride(true)
        .mappings(bandMappings(one, language))
      return board === undefined ? panel : panel.dataLinks([dataLink(linkTitles.board[language], `/d/${board}`)])
    },
  }
}

function figure(shown: Shown, query: string, context: Context): Stat {
  const title = shown.title[context.language]
  return show(new Stat(), shown, context)
    .title(title)
    .datasource(datasource)
    .graphMode(BigValueGraphMode.Area)
    .colorMode(BigValueColorMode.Value)
    .textMode(BigValueTextMode.Auto)
    .orientation(VizOrientation.Auto)
    .reduceOptions(newest())
    .withTarget(target({ query, alias: title }, 0))
}

/** A tile of something that is not an indicator. */
export function rawTile(
  shown: Shown,
  query: string,
  about: Text | undefined,
  { interval = '1m', timeFrom }: { interval?: string; timeFrom?: string } = {},
): PanelSpec {
  return {
    ...{ w: 4, h: 4 },
    build(context) {
      const panel = figure(shown, query, context).interval(interval)
      if (about) panel.description(about[context.language])
      return timeFrom === undefined ? panel : panel.timeFrom(timeFrom).hideTimeOverride(true)
    },
  }
}

/** The newest texts of many series side by side, such as the states of cameras. */
export function wordTiles(
  title: Text,
  about: Text,
  query: Query,
  mappings: (language: Language) => ValueMapping[],
  timeFrom: string,
): PanelSpec {
  return {
    ...{ w: 12, h: 3 },
    build: ({ language }) =>
      new Stat()
        .title(title[language])
        .description(about[language])
        .datasource(datasource)
        .graphMode(BigValueGraphMode.None)
        .colorMode(BigValueColorMode.Value)
        .textMode(BigValueTextMode.ValueAndName)
        .orientation(VizOrientation.Auto)
        // Stat panels leave texts out unless all fields are asked for.
        .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('/.*/').values(false))
        .unit('none')
        .thresholds(thresholds(undefined))
        .noValue(noValue[language])
        .mappings(mappings(language))
        .timeFrom(timeFrom)
        .hideTimeOverride(true)
        .withTarget(target(query, 0)),
  }
}

/** The newest value on an arc with its limits. */
export function gauge(id: string, { scope = 'district' }: { scope?: Scope } = {}): PanelSpec {
  return {
    ...{ w: 4, h: 6 },
    build(context) {
      const one = declared(id)
      const query = at(id, scope)
      return show(new Gauge(), shownOf(one), context)
        .title(one.title[context.language])
        .description(description(id, context.language))
        .datasource(datasource)
        .min(0)
        .max(one.bands?.at(-1)?.to ?? 100)
        .showThresholdMarkers(true)
        .showThresholdLabels(false)
        .interval(intervalOf(id))
        .timeFrom(historyOf(id))
        .hideTimeOverride(true)
        .reduceOptions(newest())
        .withTarget(
          target(
            { query: indicatorHistory(query, spacingOf(one)), alias: aliasOf(query) || one.title[context.language] },
            0,
          ),
        )
    },
  }
}

/** The newest values of an indicator side by side: of areas, sites or groups. */
export function bars(id: string, scope: Scope): PanelSpec {
  return {
    ...{ w: 12, h: 8 },
    build(context) {
      const one = declared(id)
      const query = at(id, scope)
      const panel = show(new BarGauge(), shownOf(one), context)
        .title(one.title[context.language])
        .description(description(id, context.language))
        .datasource(datasource)
        .min(0)
        .displayMode(BarGaugeDisplayMode.Basic)
        .orientation(VizOrientation.Horizontal)
        .showUnfilled(true)
        .interval(intervalOf(id))
        .timeFrom(historyOf(id))
        .hideTimeOverride(true)
        .reduceOptions(newest())
        .dataLinks(linksOf(query.by ?? [], id, context, 'labels'))
        .withTarget(target({ query: indicatorLatest(query), alias: aliasOf(query) }, 0))
      if (one.unit === '%') panel.max(100)
      return withGroupTitles(panel, one, context.language)
    },
  }
}

/** Words on a board, in Markdown. */
export function text(title: Text, content: Text): PanelSpec {
  return {
    ...{ w: 24, h: 3 },
    build: ({ language }) => new TextPanel().title(title[language]).mode(TextMode.Markdown).content(content[language]),
  }
}
