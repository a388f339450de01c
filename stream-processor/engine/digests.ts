import { grown } from './grown.ts'

/**
 * Digests of the newest messages of a node. They tell a repeated message from a different one with the same epoch and
 * number. Oldest first, in a ring; a message takes two numbers: a hash of its epoch and number, and one of
 * its records.
 */
export interface Digests {
  ring: Uint32Array
  /** How many were noted so far, and how many of them had been saved. */
  count: number
  savedCount: number
}

/** Part of a ring that is saved together: so many messages. */
export interface DigestPage {
  /** `site/node`. */
  readonly node: string
  readonly page: number
  /** Messages that were noted until the end of this page was written. */
  readonly count: number
  readonly numbers: Uint32Array
}

/** Messages of a node whose digests are kept. */
const maxDigests = 1_024
const perPage = 64
const width = 2

export const createDigests = (): Digests => ({ ring: new Uint32Array(0), count: 0, savedCount: 0 })

/**
 * A hash of a message's records: what else it has (`sent`, `replay`, `lost`) changes when it is sent again. Records are
 * hashed as they were sent, from the name of the member to the last bracket of the payload, because nothing beside them is
 * a list.
 */
export function digestOf(payload: Uint8Array): number {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  return hashOf(text, Math.max(0, text.indexOf('"records"')), text.lastIndexOf(']') + 1)
}

/** Whether a message is the one that was noted under its number; `undefined` where none was, or too long ago. */
export function hasDigest(digests: Digests, epoch: string, seq: number, digest: number): boolean | undefined {
  const key = keyOf(epoch, seq)
  let isKnown: false | undefined
  for (let at = 0; at < Math.min(digests.count, maxDigests); at++) {
    if (digests.ring[at * width] !== key) continue
    if (digests.ring[at * width + 1] === digest) return true
    isKnown = false
  }
  return isKnown
}

export function noteDigest(digests: Digests, epoch: string, seq: number, digest: number): void {
  const at = (digests.count++ % maxDigests) * width
  if (at >= digests.ring.length) digests.ring = grown(digests.ring, Math.max(perPage * width, 2 * at))
  digests.ring[at] = keyOf(epoch, seq)
  digests.ring[at + 1] = digest
}

/** The pages that changed since the last call, copied. */
export function takeDigestPages(digests: Digests, node: string): DigestPage[] {
  const { ring, count } = digests
  const taken: DigestPage[] = []
  const first = Math.floor(Math.max(digests.savedCount, count - maxDigests) / perPage)
  for (let page = first; page * perPage < count; page++) {
    const place = page % (maxDigests / perPage)
    const numbers = ring.slice(place * perPage * width, (place + 1) * perPage * width)
    taken.push({ node, page: place, count: Math.min(count, (page + 1) * perPage), numbers })
  }
  digests.savedCount = count
  return taken
}

export function restoreDigestPage(digests: Digests, { page, count, numbers }: DigestPage): void {
  const at = page * perPage * width
  if (at + numbers.length > digests.ring.length) digests.ring = grown(digests.ring, at + numbers.length)
  digests.ring.set(numbers, at)
  digests.count = Math.max(digests.count, count)
  digests.savedCount = digests.count
}

function keyOf(epoch: string, seq: number): number {
  const text = Buffer.from(`${epoch} ${seq}`)
  return hashOf(text, 0, text.length)
}

/** FNV-1a, of 32 bits. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return hash >>> 0
}
