import { type IndicatorReference, indicatorOf } from '@ioc/contract/boards/queries.ts'
import { isIocError } from '@ioc/contract/errors.ts'
import type { Board, Panel, Target } from '../../shared/boards/board.ts'
import type { Comparison, PanelData, QueryResult, QuerySeries } from '../../shared/boards/panel-data.ts'
import { panelRange, type TimeRange } from '../../shared/time-range.ts'
import type { LiveState } from '../live-state.ts'
import { compareValue, placeOf } from './comparison.ts'
import { interpolate, type Variables } from './interpolate.ts'
import { questionOf } from './time-range.ts'

export interface PanelRequest {
  readonly from: string
  readonly to: string
  /** Width of the panel in px. */
  readonly width: number
  readonly variables: Variables
}

export interface PanelSources {
  readonly state: LiveState
  readonly read: (statement: string, keepMs: number) => Promise<readonly QuerySeries[]>
}

/**
 * Runs the queries of a panel. A query that fails has its error, the others their answers.
 * @throws IocError PAYLOAD_INVALID; STORE_UNREACHABLE, STORE_UNAUTHORIZED when the store answers none of the queries
 */
export async function readPanel(
  board: Board,
  panel: Panel,
  request: PanelRequest,
  { state, read }: PanelSources,
  now = Date.now(),
): Promise<PanelData> {
  const times = panelRange(panel.timeFrom, request)
  const { range, interval_ms, keepMs, macros } = questionOf(board, times, request.width, panel.interval, now)
  const targets = (panel.targets ?? []).filter(({ hide = false, query }) => !hide && Boolean(query))

  const outcomes = await Promise.allSettled(
    targets.map(async ({ query }) => read(interpolate(query, request.variables, macros), keepMs)),
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected' && !isIocError(outcome.reason)) throw outcome.reason
  const isStoreAway = (outcome: PromiseSettledResult<unknown>) =>
    outcome.status === 'rejected' && isIocError(outcome.reason) && outcome.reason.code.startsWith('STORE_')
  const [firstOutcome] = outcomes
  if (firstOutcome?.status === 'rejected' && outcomes.every(isStoreAway)) throw firstOutcome.reason

  const results = outcomes.map((outcome, index) => resultOf(targets[index] as Target, outcome, request.variables))
  const compared = panel.type === 'stat' ? await comparedOf(results, range, state, read) : {}
  return { ...range, interval_ms, results, ...compared }
}

function resultOf(
  { refId, query }: Target,
  outcome: PromiseSettledResult<readonly QuerySeries[]>,
  variables: Variables,
): QueryResult {
  const about = { refId, ...indicatorIn(query, variables) }
  switch (outcome.status) {
    case 'fulfilled':
      return { ...about, series: outcome.value }
    case 'rejected':
      return { ...about, series: [], error: (outcome.reason as Error).message }
    default:
      return outcome satisfies never
  }
}

/**
 * The indicator of a query with the variables put in. A tag of which all values are chosen sets no condition; one of
 * several values keeps the name of its variable, and `chosen` has the values.
 */
function indicatorIn(query: string, variables: Variables): Pick<QueryResult, 'indicator' | 'chosen'> {
  const indicator = indicatorOf(query)
  if (!indicator) return {}
  const tags: Record<string, string> = {}
  const several: Record<string, readonly string[]> = {}
  for (const [tag, value] of Object.entries(indicator.tags)) {
    const chosen = value.startsWith('$') ? variables.get(value.slice(1)) : undefined
    if (!chosen) tags[tag] = value
    else if (chosen.isAll && (chosen.allPattern !== undefined || chosen.values.length === 0)) continue
    else if (chosen.values.length === 1) tags[tag] = chosen.values[0] as string
    else {
      tags[tag] = value
      several[tag] = chosen.values
    }
  }
  return { indicator: { ...indicator, tags }, ...(Object.keys(several).length > 0 ? { chosen: several } : {}) }
}

/** The figure stands without its comparison where the store has none. */
async function comparedOf(
  ...question: Parameters<typeof comparisonOf>
): Promise<Pick<PanelData, 'comparison' | 'comparison_error'>> {
  try {
    const comparison = await comparisonOf(...question)
    return comparison ? { comparison } : {}
  } catch (error) {
    if (!isIocError(error)) throw error
    return { comparison_error: error.message }
  }
}

async function comparisonOf(
  results: readonly QueryResult[],
  range: TimeRange,
  state: LiveState,
  read: PanelSources['read'],
): Promise<Comparison | undefined> {
  const [first] = results
  const indicator = first?.indicator
  const isOne = indicator !== undefined && results.every((one) => isSame(one.indicator, indicator))
  const place = isOne ? placeOf(indicator) : undefined
  return place && compareValue(place, indicator?.tags ?? {}, range, first?.series ?? [], state, read)
}

const isSame = (a: IndicatorReference | undefined, b: IndicatorReference): boolean =>
  a !== undefined && a.id === b.id && a.scope === b.scope && JSON.stringify(a.tags) === JSON.stringify(b.tags)
