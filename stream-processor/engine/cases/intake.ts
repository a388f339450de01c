import type { Fault } from '../measurement.ts'
import type { AttributeColumn } from './attribute-columns.ts'
import { createAttributeReader } from './attribute-reader.ts'
import type { CasePlaces, Site } from './case-places.ts'
import type { CaseClaim, OnFaults } from './case-point.ts'
import type { IdIndex } from './id-index.ts'
import { type Arrival, arrivalAt, judgeTimes } from './judge-case.ts'
import {
  area,
  attributesAt,
  conditions,
  type DeclaredAttribute,
  device,
  firstCase,
  idStart,
  intAt,
  intPage,
  intStart,
  opened,
  type Rows,
  timeAt,
  timePage,
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
  /** Of each incoming row the one that most likely is that of its case. */
  readonly likely: Int32Array
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
  const claimOf = new Int32Array(mostIncoming)
  const likely = new Int32Array(mostIncoming)
  const readAttributes = createAttributeReader(rows, columns)
  const incoming: { claims: readonly CaseClaim[]; count: number } = { claims: [], count: 0 }
  const sites: Site[] = []
  /** The row that is being read. */
  let reading = 0
  /** By claim. */
  const faults = new Map<number, Fault[]>()
  /** Kept, so that what is read ahead is not taken for needless. */
  const touched = new Float64Array(1)

  const claimAt = (row: number) => incoming.claims[claimOf[row] as number] as CaseClaim

  function onFault(row: number, reason: string): void {
    const { device } = claimAt(row)
    const known = faults.get(claimOf[row] as number)
    if (known) known.push({ device, reason })
    else faults.set(claimOf[row] as number, [{ device, reason }])
  }

  /** Where nothing is said of an attribute, nothing is wrong with it. */
  function onOther({ name, kind }: DeclaredAttribute, value: unknown, none: number): number {
    if (value !== undefined && value !== null) {
      onFault(reading, `${name}: ${claimAt(reading).type} declares a ${kind}, got ${JSON.stringify(value)}`)
    }
    return none
  }

  /** Texts are somewhere else than the claims that have them. */
  function touchIds(from: number, to: number): void {
    let letters = 0
    for (let at = from; at < to; at++) letters += (incoming.claims[at] as CaseClaim).case.id.length
    touched[0] = letters
  }

  function readIds(from: number, to: number, arrival: Arrival): void {
    incoming.count = 0
    for (let at = from; at < to; at++) {
      const claim = incoming.claims[at] as CaseClaim
      const row = incoming.count
      claimOf[row] = at
      const judged = judgeTimes(claim, arrival, rows, row)
      if (typeof judged === 'string') {
        onFault(row, `case ${claim.case.id}: ${judged}`)
        continue
      }
      if (judged) counts.clamped++
      const site = places.siteOf(claim.site)
      sites[row] = site
      index.write(row, site.number, claim.case.id)
      incoming.count++
    }
  }

  function touchRows(): void {
    for (let row = 0; row < incoming.count; row++) likely[row] = index.firstFor(row)
    let read = 0
    for (let row = 0; row < incoming.count; row++) {
      const like = likely[row] as number
      read += timeAt(rows, like, opened) + intAt(rows, like, attributesAt)
      read += intPage(rows, like)[idStart(rows, like) >> 2] as number
    }
    touched[0] = read
  }

  function readNames(): void {
    const ints = intPage(rows, 0)
    const doubles = timePage(rows, 0)
    for (reading = 0; reading < incoming.count; reading++) {
      const claim = claimAt(reading)
      const like = likely[reading] as number
      const at = intStart(rows, reading)
      const likeInts = intPage(rows, like)
      const likeAt = intStart(rows, like)
      const site = sites[reading] as Site
      ints[at + device] = places.deviceNumber(site, claim.device, likeInts[likeAt + device])
      ints[at + area] = places.areaNumber(claim.area, likeInts[likeAt + area] as number)
      readAttributes(claim.case, ints, doubles, at, likeInts, likeAt, onOther)
      ints[at + conditions] = conditionsMet(reading)
    }
  }

  return {
    likely,
    read(claims, from, to, arrivalMs, onFaults) {
      incoming.claims = claims
      touchIds(from, to)
      readIds(from, to, arrivalAt(arrivalMs))
      touchRows()
      readNames()
      for (const [at, found] of faults) onFaults(at, found)
      faults.clear()
      return incoming.count
    },
  }
}
