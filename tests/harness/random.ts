/** Random choices that a seed repeats. */
export interface Random {
  /** From 0 up to and without 1. */
  number(): number
  /** A whole number from `least` to `most`. */
  integer(least: number, most: number): number
  pick<T>(from: readonly T[]): T
  shuffled<T>(all: readonly T[]): T[]
  bytes(length: number): Buffer
}

export function createRandom(seed: number): Random {
  const number = generator(seed)
  const integer = (least: number, most: number) => least + Math.floor(number() * (most - least + 1))
  return {
    number,
    integer,
    pick: <T>(from: readonly T[]) => from[integer(0, from.length - 1)] as T,
    shuffled: (all) =>
      all
        .map((one) => ({ one, at: number() }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one),
    bytes: (length) => Buffer.from(Array.from({ length }, () => integer(0, 255))),
  }
}

/** Numbers from 0 to 1 (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
