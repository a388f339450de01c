import type { CasePlaces, Site } from './case-places.ts'
import type { CaseClaim } from './case-point.ts'
import type { IdIndex } from './id-index.ts'
import { attributesAt, idPage, idStart, intAt, opened, type Rows, timeAt } from './rows.ts'

/** So many claims are read ahead: what they need stays in the nearest caches until their turn. */
export const aheadClaims = 128

/**
 * Reads what claims will need one after the other: the slots of their ids, then the rows. Whoever takes a claim waits for
 * memory at each step of it; here nothing waits for what was read before, so that the waits are at the same time. It
 * changes nothing, and which row it reads is only a guess.
 */
export interface ReadAhead {
  /** Reads for the claims from `from` to `to`, at most `aheadClaims` of them. */
  read(claims: readonly CaseClaim[], from: number, to: number): void
  /** Of the claims that were read last, their sites, where these were known, and the hashes of their ids there. */
  readonly sites: readonly (Site | undefined)[]
  readonly hashes: Int32Array
}

export function createReadAhead(rows: Rows, index: IdIndex, places: CasePlaces): ReadAhead {
  const sites = new Array<Site | undefined>(aheadClaims).fill(undefined)
  const hashes = new Int32Array(aheadClaims)
  const found = new Int32Array(aheadClaims)
  return {
    sites,
    hashes,
    read(claims, from, to) {
      const count = to - from
      for (let at = 0; at < count; at++) {
        const claim = claims[from + at] as CaseClaim
        const site = places.knownSite(claim.site)
        sites[at] = site
        hashes[at] = site ? index.hashOf(site.number, claim.case.id) : 0
      }
      for (let at = 0; at < count; at++) found[at] = index.firstOf(hashes[at] as number)
      let read = 0
      for (let at = 0; at < count; at++) {
        const row = found[at] as number
        read += timeAt(rows, row, opened) + intAt(rows, row, attributesAt)
        read += idPage(rows, row)[idStart(rows, row)] as number
      }
      // Kept, so that the reads are not taken for needless.
      found[0] = read
    },
  }
}
