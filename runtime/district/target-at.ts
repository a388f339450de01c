import { daysOf } from '@ioc/contract/district/period.ts'
import { keysOf, type LiveTarget } from '@ioc/contract/messages/live.ts'
import { localDay } from './in-force.ts'

export interface TargetPlace {
  readonly scope: LiveTarget['scope']
  readonly key: string
  readonly group?: string | undefined
}

/**
 * The target of an indicator at a place, at a time in ms: of those that hold, one of just that place before one of all
 * places of the scope, then one of its group, then the one of the shortest period.
 */
export function targetAt(
  targets: readonly LiveTarget[],
  indicator: string,
  { scope, key, group }: TargetPlace,
  ts: number,
): LiveTarget | undefined {
  const day = localDay(ts)
  const inPeriod = (period: string | null): boolean => {
    const days = period === null ? undefined : daysOf(period)
    return days === undefined || (days.from <= day && day < days.to)
  }
  return targets
    .filter(
      (one) =>
        one.indicator === indicator &&
        one.scope === scope &&
        (one.key === null || keysOf(scope, key).includes(one.key)) &&
        (one.group === null || one.group === group) &&
        inPeriod(one.period),
    )
    .sort((a, b) => precision(b) - precision(a))[0]
}

/** 0 for always, then year, quarter, month. */
const periodPrecision = (period: string | null): number => {
  if (period === null) return 0
  return period.length === 4 ? 1 : period.includes('Q') ? 2 : 3
}

const precision = ({ key, group, period }: LiveTarget): number =>
  (key === null ? 0 : key.endsWith('/*') ? 100 : 200) + (group === null ? 0 : 10) + periodPrecision(period)
