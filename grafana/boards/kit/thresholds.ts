import { type Threshold, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Level, Levels } from '@ioc/contract/messages/live.ts'

/** ISA-101: what is normal has no colour. */
export const levelColours = ['text', 'yellow', 'orange', 'red'] as const satisfies Record<Level, string>

/** Grafana's thresholds of an indicator's levels: each step holds from its value upwards. */
export function thresholdSteps(levels: Levels | undefined): Threshold[] {
  const limits = [levels?.attention, levels?.warning, levels?.critical]
  const given = limits.flatMap((value, index) => (value === undefined ? [] : [{ value, level: index + 1 }]))
  if (levels?.direction !== 'below') {
    return [{ value: null, level: 0 }, ...given].map(({ value, level }) => ({
      value,
      color: levelColours[level] ?? 'red',
    }))
  }
  // Low is bad: the worst level lies at the bottom, and each limit is where it ends.
  const worstFirst = given.reverse()
  return [null, ...worstFirst.map(({ value }) => value)].map((value, index) => ({
    value,
    color: levelColours[worstFirst[index]?.level ?? 0] ?? 'red',
  }))
}

export function thresholds(levels: Levels | undefined): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(thresholdSteps(levels))
}

/** The levels 0 to 3 themselves, as the field `level` of a point holds them. */
export const levelsOfLevel: Levels = { direction: 'above', attention: 1, warning: 2, critical: 3 }

/** Of what should never happen, such as a lost message: critical from the first one on. */
export const noneExpected: Levels = { direction: 'above', critical: 1 }
