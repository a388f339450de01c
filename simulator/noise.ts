/** Randomness that can be addressed: each figure is a pure function of a key, which has the seed and names in it, and an index. */
export type Key = number & { readonly brand: 'noise' }

/** FNV-1a over the names, from the seed on. */
export function keyOf(seed: number | Key, ...names: readonly string[]): Key {
  let hash = mixed(seed | 0)
  for (const name of names) {
    for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
    hash = mixed(hash)
  }
  return hash as Key
}

/** The finalizer of MurmurHash3: each bit of the input changes half of those of the output. */
function mixed(hash: number): number {
  let value = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}

/** From 0 up to, not including, 1. @param index a whole number below 2³¹ */
export function uniform(key: Key, index: number): number {
  return (mixed(key ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0) / 2 ** 32
}

/** Of mean 0 and standard deviation 1 (Box–Muller). */
export function normal(key: Key, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(key, index)))
  return radius * Math.cos(2 * Math.PI * uniform((key ^ 0x5bd1e995) as Key, index))
}

/** From here on a Poisson count is taken as a rounded normal one. */
const manyEvents = 20

/** How many events happen, of which `mean` are expected. */
export function poisson(key: Key, index: number, mean: number): number {
  if (mean <= 0) return 0
  if (mean > manyEvents) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(key, index)))
  const drawn = uniform(key, index)
  let count = 0
  let term = Math.exp(-mean)
  for (let below = term; below < drawn && count < 4 * manyEvents; below += term) {
    count++
    term *= mean / count
  }
  return count
}

/** A whole number below `count`. */
export function choice(key: Key, index: number, count: number): number {
  return Math.floor(uniform(key, index) * count)
}

/** Smooth in time, from −1 to 1: random knots, one each period, and a cubic between them. */
export function wave(key: Key, ts: number, periodMs: number): number {
  const at = ts / periodMs
  const knot = Math.floor(at)
  const part = at - knot
  const before = uniform(key, knot)
  return 2 * (before + (uniform(key, knot + 1) - before) * part * part * (3 - 2 * part)) - 1
}
