import type { CaseFigures } from '../../indicators/case-indicator.ts'
import { addHandlings, type CaseTotals, createHandlings, handlingOf, type Panes, totalsOf } from './panes.ts'

/**
 * What a part of a key's cases gives to a window: plain numbers, which add up whatever the order. Partitions exchange
 * them where the cases of an area or of the district are spread over several.
 */
export interface CasePartial extends Readonly<CaseTotals> {
  /** How many cases took how long: bins of a sketch, those that are not empty. */
  readonly handlings: readonly (readonly [bin: number, count: number])[]
}

export function partialOf(panes: Panes, fromMs: number, toMs: number): CasePartial {
  const counts = createHandlings()
  addHandlings(panes, fromMs, toMs, counts)
  const handlings = [...counts.entries()].filter(([, count]) => count !== 0)
  return { ...totalsOf(panes, fromMs, toMs), handlings }
}

/** The figures of all parts together. */
export function figuresOf(partials: readonly CasePartial[]): CaseFigures {
  const totals = { received: 0, closed: 0, closedOnTime: 0, backlog: 0, overdue: 0, handlingMs: 0 }
  for (const partial of partials) {
    for (const name of Object.keys(totals) as (keyof CaseTotals)[]) totals[name] += partial[name]
  }
  return toFigures(totals, () => {
    const counts = createHandlings()
    for (const { handlings } of partials) {
      for (const [bin, count] of handlings) counts[bin] = (counts[bin] as number) + count
    }
    return counts
  })
}

/** The figures of one key's window. Handling times are looked at only if an indicator asks for a quantile. */
export function figuresOfPanes(panes: Panes, fromMs: number, toMs: number): CaseFigures {
  return toFigures(totalsOf(panes, fromMs, toMs), () => {
    const counts = createHandlings()
    addHandlings(panes, fromMs, toMs, counts)
    return counts
  })
}

/** Cases that figures rest on: open at the end, or closed in the window. */
export const samplesOf = ({ backlog, closed }: Pick<CaseTotals, 'backlog' | 'closed'>): number => backlog + closed

function toFigures(totals: CaseTotals, count: () => Float64Array): CaseFigures {
  const { received, closed, closedOnTime, backlog, overdue, handlingMs } = totals
  let counts: Float64Array | undefined
  return {
    // One by one: of an object that is spread each of them would be looked up by name.
    received,
    closed,
    closedOnTime,
    backlog,
    overdue,
    handlingMeanMs: closed === 0 ? undefined : handlingMs / closed,
    handlingQuantileMs(q) {
      if (closed === 0) return undefined
      counts ??= count()
      // The nearest rank, as of the quantiles of measurements.
      const rank = Math.max(1, Math.ceil(q * closed - 1e-9))
      let notAbove = 0
      let bin = 0
      for (; bin < counts.length - 1; bin++) {
        notAbove += counts[bin] as number
        if (notAbove >= rank) break
      }
      return handlingOf(bin)
    },
  }
}
