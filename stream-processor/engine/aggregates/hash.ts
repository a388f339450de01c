const firstSeed = 0xdeadbeef
const secondSeed = 0x41c6ce57
const firstFactor = 2654435761
const secondFactor = 1597334677

/**
 * A hash of 53 bits, a whole number that a double holds: two lanes of 32 bits, multiplied for each unit of the text as
 * in cyrb53 (bryc, public domain), then mixed with each other by the multipliers of MurmurHash3 (Appleby, public
 * domain). Ids of saved streams contain it.
 */
export function hashOf(text: string): number {
  let first = firstSeed
  let second = secondSeed
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    first = Math.imul(first ^ unit, firstFactor)
    second = Math.imul(second ^ unit, secondFactor)
  }
  return mixed(first, second)
}

function mixed(first: number, second: number): number {
  let a = Math.imul(first ^ (first >>> 16), 2246822507) ^ Math.imul(second ^ (second >>> 13), 3266489909)
  let b = Math.imul(second ^ (second >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  a ^= a >>> 16
  b ^= b >>> 16
  return (b & 0x1fffff) * 2 ** 32 + (a >>> 0)
}
