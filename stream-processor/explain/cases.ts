import { displayTime } from '@ioc/runtime/display-time.ts'
import { figuresOf, samplesOf } from '../engine/cases/case-series.ts'
import type { Engine } from '../engine/engine.ts'
import type { Place } from '../engine/place.ts'
import type { CaseFigures, CaseIndicator } from '../indicators/case-indicator.ts'
import { nothingToExplain } from './place.ts'
import type { SavedEngines } from './saved-engines.ts'
import { type ExplainedWindow, windowHolding } from './window.ts'

export interface CaseParts {
  readonly kind: 'cases'
  /** What the window knows of its cases, at its end; times in hours. */
  readonly figures: Readonly<Record<string, number | undefined>>
}

export interface CaseAnswer {
  readonly window: ExplainedWindow
  readonly parts: CaseParts
  readonly value: number | undefined
  readonly samples: number
}

const hourMs = 3_600_000

/** @throws IocError NOTHING_TO_EXPLAIN where no window holds the time, or it knows of no case */
export function explainCases(
  { engines, savedAt }: SavedEngines,
  indicator: CaseIndicator,
  place: Place,
  at: number,
): CaseAnswer {
  const window = windowHolding(indicator, at, savedAt)
  const ts = window.to
  const figures = caseFigures(engines, indicator, place, ts)
  const samples = samplesOf(figures)
  if (samples === 0) throw nothingToExplain(`${indicator.id} has no case in the window that ends at ${displayTime(ts)}`)
  return { window, parts: { kind: 'cases', figures: listFigures(figures) }, value: indicator.value(figures), samples }
}

/** The figures of a place for the window that ends at `end`, of all partitions together. */
export function caseFigures(
  engines: readonly Engine[],
  indicator: CaseIndicator,
  place: Place,
  end: number,
): CaseFigures {
  const partials = engines.map(({ cases }) => cases.partial(indicator, place, end)).filter((one) => one !== undefined)
  return figuresOf(partials)
}

/** Figures by their names; times in hours. */
export function listFigures(figures: CaseFigures): CaseParts['figures'] {
  const { received, closed, closedOnTime, backlog, overdue, handlingMeanMs } = figures
  return {
    received,
    closed,
    'closed on time': closedOnTime,
    backlog,
    overdue,
    'handling, mean (h)': inHours(handlingMeanMs),
    'handling, median (h)': inHours(figures.handlingQuantileMs(0.5)),
    'handling, 95 % (h)': inHours(figures.handlingQuantileMs(0.95)),
  }
}

function inHours(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / hourMs
}
