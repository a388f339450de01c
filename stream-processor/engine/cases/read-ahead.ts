import type { CasePlaces } from './case-places.ts'
import type { CaseClaim } from './case-point.ts'
import type { IdIndex } from './id-index.ts'
import { flags, idPage, idStart, intAt, type Rows } from './rows.ts'

/** So many claims are read ahead: what they need stays in the nearest caches until their turn. */
export const aheadClaims = 128

/**
 * Reads what the claims from `from` to `to`, at most `aheadClaims` of them, will need one after the other: the slots of
 * their ids, then the rows. Whoever takes a claim waits for memory at each step of it; here nothing waits for what was
 * read before, so that the waits are at the same time. It changes nothing, and what it reads is only a guess.
 */
export type ReadAhead = (claims: readonly CaseClaim[], from: number, to: number) => void

export function createReadAhead(rows: Rows, index: IdIndex, places: CasePlaces): ReadAhead {
  const found = new Int32Array(aheadClaims)
  return (claims, from, to) => {
    for (let at = from; at < to; at++) {
      const claim = claims[at] as CaseClaim
      found[at - from] = index.hashOf(places.knownSite(claim.site), claim.case.id)
    }
    const count = to - from
    for (let at = 0; at < count; at++) found[at] = index.firstOf(found[at] as number)
    let read = 0
    for (let at = 0; at < count; at++) {
      const row = found[at] as number
      read += intAt(rows, row, flags) + (idPage(rows, row)[idStart(rows, row)] as number)
    }
    // Kept, so that the reads are not taken for needless.
    found[0] = read
  }
}
