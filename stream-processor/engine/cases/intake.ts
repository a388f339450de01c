import type { AttributeColumn } from './attribute-columns.ts'
import type { CasePlaces, Site } from './case-places.ts'
import type { CaseClaim, OnFaults } from './case-point.ts'
import type { IdIndex } from './id-index.ts'
import { judgeTimes, takeAttributes } from './judge-case.ts'
import {
  area,
  attributesAt,
  conditions,
  device,
  firstCase,
  idStart,
  intAt,
  intPage,
  opened,
  type Rows,
  setInt,
  timeAt,
} from './rows.ts'

/** So many claims are read at once: what they need stays in the nearest caches until their turn. */
export const mostIncoming = firstCase

/**
 * Reads claims into the incoming rows, one step for all of them after the other: their times and ids, the slots of these,
 * the rows of their cases, then the names. Whoever takes a claim at a time waits for memory at each step of it; here
 * nothing waits for what was read before, so that the waits are at the same time. The names are most likely those that
 * the row of the case has, which is then quicker to see than to look them up.
 */
export interface Intake {
  /**
   * Reads the claims from `from` to `to`, at most `mostIncoming` of them, and hands out what is wrong with them.
   * @returns how many incoming rows there are now, from 0 on: a claim that cannot be counted has none
   */
  read(claims: readonly CaseClaim[], from: number, to: number, arrivalMs: number, onFaults: OnFaults): number
}

export interface IntakeOptions {
  readonly rows: Rows
  readonly index: IdIndex
  readonly places: CasePlaces
  readonly columns: readonly AttributeColumn[]
  readonly conditionsMet: (row: number) => number
  readonly counts: { clamped: number }
}

export function createIntake({ rows, index, places, columns, conditionsMet, counts }: IntakeOptions): Intake {
  /** Of each incoming row which claim it is of, its site, and the row that most likely is that of its case. */
  const claimOf = new Int32Array(mostIncoming)
  const siteOf: Site[] = []
  const likely = new Int32Array(mostIncoming)
  /** Kept, so that what is read ahead is not taken for needless. */
  const touched = new Float64Array(1)

  function readIds(claims: readonly CaseClaim[], from: number, to: number, arrivalMs: number, onFaults: OnFaults) {
    let row = 0
    for (let at = from; at < to; at++) {
      const claim = claims[at] as CaseClaim
      const { id } = claim.case
      const judged = judgeTimes(claim, arrivalMs, rows, row)
      if (typeof judged === 'string') {
        onFaults(at, [{ device: claim.device, reason: `case ${id}: ${judged}` }])
        continue
      }
      if (judged) counts.clamped++
      const found = places.siteOf(claim.site)
      index.write(row, found.number, id)
      siteOf[row] = found
      claimOf[row] = at
      row++
    }
    return row
  }

  function readNames(claims: readonly CaseClaim[], row: number, onFaults: OnFaults): void {
    const at = claimOf[row] as number
    const claim = claims[at] as CaseClaim
    const like = likely[row] as number
    const site = siteOf[row] as Site
    setInt(rows, row, device, places.deviceNumber(site, claim.device, intAt(rows, like, device)))
    setInt(rows, row, area, places.areaNumber(claim.area, intAt(rows, like, area)))
    const faults = takeAttributes(claim, columns, row, like)
    setInt(rows, row, conditions, conditionsMet(row))
    if (faults.length > 0) onFaults(at, faults)
  }

  return {
    read(claims, from, to, arrivalMs, onFaults) {
      let letters = 0
      for (let at = from; at < to; at++) letters += (claims[at] as CaseClaim).case.id.length
      touched[0] = letters
      const count = readIds(claims, from, to, arrivalMs, onFaults)
      for (let row = 0; row < count; row++) likely[row] = index.firstFor(row)
      let read = 0
      for (let row = 0; row < count; row++) {
        const like = likely[row] as number
        read += timeAt(rows, like, opened) + intAt(rows, like, attributesAt)
        read += intPage(rows, like)[idStart(rows, like) >> 2] as number
      }
      touched[0] = read
      for (let row = 0; row < count; row++) readNames(claims, row, onFaults)
      return count
    },
  }
}
