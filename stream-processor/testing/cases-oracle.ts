import { findCaseType } from '@ioc/contract/case-types/table.ts'
import { quantileOf } from '../engine/aggregates/testing/naive.ts'
import type { CaseFigures, CaseIndicator } from '../indicators/case-indicator.ts'

/** A version of a case, with the clock at which it was taken. */
export interface OracleVersion {
  readonly type: string
  readonly site: string
  readonly device: string
  readonly area: string | undefined
  readonly ts: number
  readonly takenAt: number
  readonly case: {
    readonly id: string
    readonly opened: number
    readonly due?: number | null
    readonly closed?: number | null
    readonly [attribute: string]: unknown
  }
}

const zoneMs = 7 * 3_600_000

/** `id|key|group|end` → the value at the end of each window that has a case, for ends in `(fromMs, toMs]`. */
export function recomputeCases(
  indicators: readonly CaseIndicator[],
  versions: readonly OracleVersion[],
  span: { readonly fromMs: number; readonly toMs: number; readonly latenessMs: number },
): Map<string, { value: number | undefined; samples: number }> {
  const expected = new Map<string, { value: number | undefined; samples: number }>()
  const byType = Map.groupBy(versions, ({ type }) => type)
  for (const indicator of indicators) {
    const ofType = byType.get(indicator.source) ?? []
    for (const { from, to } of windowsOf(indicator.window, span.fromMs, span.toMs)) {
      // A window follows its cases until the lateness after its end.
      const seen = ofType.filter(({ takenAt }) => takenAt < to + span.latenessMs)
      const cases = newest(seen).filter((one) => indicator.where?.(one.case) ?? true)
      for (const scope of indicator.scopes) {
        for (const [key, members] of Map.groupBy(cases, (one) => keyOf(indicator, scope, one))) {
          if (key === undefined) continue
          const { figures, samples } = figuresBetween(members, from, to)
          if (samples === 0) continue
          expected.set(`${indicator.id}|${key}|${to}`, { value: indicator.value(figures), samples })
        }
      }
    }
  }
  return expected
}

/** What an indicator says of no case at all. */
export function valueOfNothing(indicator: CaseIndicator): number | undefined {
  return indicator.value(figuresBetween([], 0, 1).figures)
}

function keyOf(indicator: CaseIndicator, scope: string, one: OracleVersion): string | undefined {
  const place = { device: `${one.site}/${one.device}`, site: one.site, area: one.area, district: 'district' }[scope]
  if (place === undefined) return undefined
  return `${scope}|${place}|${indicator.by === undefined ? '' : groupOf(one, indicator.by)}`
}

const groupOf = (one: OracleVersion, by: string): string => String(one.case[by] ?? '-')

/** The newest version of each case; of the same time one that is closed, then the greatest in an order of content. */
export function newest(versions: readonly OracleVersion[]): OracleVersion[] {
  const byCase = Map.groupBy(versions, (one) => `${one.type}/${one.site}/${one.case.id}`)
  return [...byCase.values()].map((all) => all.reduce((best, one) => (isGreater(rank(one), rank(best)) ? one : best)))
}

function rank(one: OracleVersion): (number | string)[] {
  const { opened, due } = one.case
  const attributes = Object.entries(findCaseType(one.type)?.attributes ?? {}).map(([name, { kind }]) => {
    const value = one.case[name] ?? undefined
    if (kind === 'string') return String(value ?? '-')
    return Number(value ?? Number.NEGATIVE_INFINITY)
  })
  return [one.ts, endOf(one) ?? 0, due ?? Number.POSITIVE_INFINITY, opened, one.device, one.area ?? '', ...attributes]
}

function isGreater(left: (number | string)[], right: (number | string)[]): boolean {
  const at = left.findIndex((value, index) => value !== right[index])
  return at >= 0 && (left[at] as number) > (right[at] as number)
}

/** When a case was closed: not before it was opened. */
function endOf({ case: one }: OracleVersion): number | undefined {
  return typeof one.closed === 'number' ? Math.max(one.closed, one.opened) : undefined
}

function figuresBetween(cases: readonly OracleVersion[], from: number, to: number) {
  const within = (time: number | null | undefined) => typeof time === 'number' && time >= from && time < to
  const open = cases.filter((one) => one.case.opened < to && !((endOf(one) ?? to) < to))
  const closed = cases.filter((one) => within(endOf(one)))
  const handling = closed.map((one) => (endOf(one) as number) - one.case.opened).sort((a, b) => a - b)
  const figures: CaseFigures = {
    received: cases.filter((one) => within(one.case.opened)).length,
    closed: closed.length,
    closedOnTime: closed.filter((one) => typeof one.case.due !== 'number' || (endOf(one) as number) <= one.case.due)
      .length,
    backlog: open.length,
    overdue: open.filter((one) => typeof one.case.due === 'number' && one.case.due < to).length,
    handlingMeanMs: closed.length === 0 ? undefined : handling.reduce((sum, ms) => sum + ms, 0) / closed.length,
    handlingQuantileMs: (q) => quantileOf(handling, q),
  }
  return { figures, samples: open.length + closed.length }
}

/** All windows that end in `(after, until]`. */
function windowsOf(window: CaseIndicator['window'], after: number, until: number): { from: number; to: number }[] {
  const windows: { from: number; to: number }[] = []
  if (window.kind === 'calendar') {
    const starts = localMidnights(after - 400 * 86_400_000, until).filter((midnight) => {
      const local = new Date(midnight + zoneMs)
      const first = local.getUTCDate() === 1
      return {
        day: true,
        month: first,
        quarter: first && local.getUTCMonth() % 3 === 0,
        year: first && local.getUTCMonth() === 0,
      }[window.unit]
    })
    for (let index = 1; index < starts.length; index++) {
      windows.push({ from: starts[index - 1] as number, to: starts[index] as number })
    }
  } else {
    const everyMs = (window.kind === 'sliding' ? window.every_s : window.size_s) * 1000
    for (let to = Math.floor(after / everyMs) * everyMs; to <= until; to += everyMs) {
      windows.push({ from: to - window.size_s * 1000, to })
    }
  }
  return windows.filter(({ to }) => to > after && to <= until)
}

function localMidnights(from: number, to: number): number[] {
  const midnights: number[] = []
  for (let day = Math.floor((from + zoneMs) / 86_400_000); day * 86_400_000 - zoneMs <= to; day++) {
    midnights.push(day * 86_400_000 - zoneMs)
  }
  return midnights
}
