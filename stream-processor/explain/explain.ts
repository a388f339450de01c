import type { IndicatorDescriptor, Level, Levels, Scope } from '@ioc/contract/messages/live.ts'
import type { Place } from '../engine/place.ts'
import type { CaseIndicator } from '../indicators/case-indicator.ts'
import { describeIndicator, type Indicator } from '../indicators/indicator.ts'
import { declaredLevels, type LevelsAt, levelOf, measuredLevelOf, requiredSamples } from '../indicators/level.ts'
import { type CaseParts, explainCases } from './cases.ts'
import { type DerivedParts, explainDerived } from './derived.ts'
import { explainMeasured, type MeasuredParts } from './measured.ts'
import { nearest } from './near.ts'
import { type Asked, findPlace, nothingToExplain } from './place.ts'
import type { SavedEngines } from './saved-engines.ts'
import type { ExplainedWindow } from './window.ts'

export interface Question extends Asked {
  readonly id: string
  /** In ms since 1970, UTC. */
  readonly at: number
}

/** How the value of a window came to be. Times in ms since 1970, UTC. */
export interface Explanation {
  readonly indicator: IndicatorDescriptor
  readonly scope: Scope
  readonly key: string
  readonly group?: string | undefined
  readonly asked: number
  /** The newest arrival that the state knows of. */
  readonly savedAt: number
  readonly window: ExplainedWindow
  readonly parts: MeasuredParts | DerivedParts | CaseParts
  /** `undefined`: the formula gives none. */
  readonly value: number | undefined
  readonly level: Level
  /** The levels in force at the place, and who sets them. */
  readonly levels: Levels | undefined
  readonly levelsFrom: 'district' | 'declaration'
  readonly samples: number
  /** Samples without which the value has no level; `undefined` where it needs none. */
  readonly requiredSamples: number | undefined
}

/** @throws IocError NOTHING_TO_EXPLAIN saying what there is instead */
export function explain(
  saved: SavedEngines,
  indicators: readonly (Indicator | CaseIndicator)[],
  question: Question,
  levelsAt: LevelsAt = declaredLevels,
): Explanation {
  const indicator = findIndicator(indicators, question.id)
  const place = findPlace(saved.engines, indicator, question)
  const found = explainAs(saved, indicator, place, question.at)
  const { scope, key, group } = place
  const levels = levelsAt(indicator, place)
  return {
    indicator: describeIndicator(indicator),
    scope,
    key,
    group,
    asked: question.at,
    savedAt: saved.savedAt,
    ...found,
    levels,
    levelsFrom: levels === indicator.levels ? 'declaration' : 'district',
    ...levelAs(indicator, levels, found),
  }
}

function levelAs(
  indicator: Indicator | CaseIndicator,
  levels: Levels | undefined,
  { value, samples }: { value: number | undefined; samples: number },
) {
  if (value === undefined) return { level: 0, requiredSamples: undefined } as const
  if (indicator.kind !== 'measured') return { level: levelOf(value, levels), requiredSamples: undefined } as const
  const level = measuredLevelOf(indicator, value, samples, levels)
  return { level, requiredSamples: requiredSamples(indicator) } as const
}

function explainAs(saved: SavedEngines, indicator: Indicator | CaseIndicator, place: Place, at: number) {
  switch (indicator.kind) {
    case 'measured':
      return explainMeasured(saved, indicator, place, at)
    case 'derived':
      return explainDerived(saved, indicator, place, at)
    case 'cases':
      return explainCases(saved, indicator, place, at)
  }
}

function findIndicator(indicators: readonly (Indicator | CaseIndicator)[], id: string): Indicator | CaseIndicator {
  const found = indicators.find((one) => one.id === id)
  if (found) return found
  const near = nearest(
    id,
    indicators.map((one) => one.id),
  )
  const advice = near.length > 0 ? `did you mean ${near.join(', ')}?` : '"ioc indicators" lists all of them'
  throw nothingToExplain(`no indicator ${id}: ${advice}`)
}
