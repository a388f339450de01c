import type { IndicatorDescriptor, Level, Levels, Scope } from '@ioc/contract/messages/live.ts'
import type { Place } from '../engine/place.ts'
import type { CaseIndicator } from '../indicators/case-indicator.ts'
import { describeIndicator, type Indicator } from '../indicators/indicator.ts'
import {
  caseLevelOf,
  declaredLevels,
  type LevelsAt,
  levelOf,
  measuredLevelOf,
  requiredMs,
  requiredSamples,
} from '../indicators/level.ts'
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
  /** What the window needs before its value has a level; `undefined` where it needs nothing. */
  readonly required: RequiredFill | undefined
}

export interface RequiredFill {
  readonly samples: number
  readonly measuredMs: number
  /** Whether the window has it. */
  readonly isMet: boolean
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
  const { scope, key, group } = place
  const levels = levelsAt(indicator, place)
  return {
    indicator: describeIndicator(indicator),
    scope,
    key,
    group,
    asked: question.at,
    savedAt: saved.savedAt,
    ...explainAs(saved, indicator, place, question.at, levels),
    levels,
    levelsFrom: levels === indicator.levels ? 'declaration' : 'district',
  }
}

function explainAs(
  saved: SavedEngines,
  indicator: Indicator | CaseIndicator,
  place: Place,
  at: number,
  levels: Levels | undefined,
) {
  switch (indicator.kind) {
    case 'measured': {
      const { measuredMs, ...found } = explainMeasured(saved, indicator, place, at)
      const { value, samples } = found
      const [minSamples, minMs] = [requiredSamples(indicator), requiredMs(indicator)]
      const isMet = samples >= minSamples && measuredMs >= minMs
      return {
        ...found,
        level: value === undefined ? 0 : measuredLevelOf(indicator, value, samples, measuredMs, levels),
        required: value === undefined ? undefined : { samples: minSamples, measuredMs: minMs, isMet },
      } as const
    }
    case 'derived':
      return withLevel(levels, explainDerived(saved, indicator, place, at))
    case 'cases': {
      const found = explainCases(saved, indicator, place, at)
      const { value, parts } = found
      const closed = parts.figures['closed'] ?? 0
      return {
        ...found,
        level: value === undefined ? 0 : caseLevelOf(indicator, value, closed, levels),
        required: undefined,
      } as const
    }
  }
}

function withLevel<T extends { readonly value: number | undefined }>(levels: Levels | undefined, found: T) {
  return { ...found, level: found.value === undefined ? 0 : levelOf(found.value, levels), required: undefined } as const
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
