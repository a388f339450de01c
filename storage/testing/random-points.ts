import fc, { type Arbitrary } from 'fast-check'

/** Random points of the measurement `m`. Values are such that every order of adding gives the same sum. */

const second = 1_000_000_000n

/** Shortly before one of InfluxDB's shards ends, in seconds. */
export const shardEdge = 1_699_833_600 - 130
/** Where times begin, in seconds. */
export const bases = [1_700_000_000, -130, shardEdge] as const

const tagSets = ['', ',a=x', ',a=y', ',b=1', ',a=x,b=1', ',a=y,b=2'] as const

/** Points fall on multiples of this many seconds, of which there are so many. */
export const step = 7
export const steps = 40

const floats = fc.integer({ min: -40, max: 40 }).map((quarter) => quarter / 4)
const integers = fc.integer({ min: -5, max: 9 })

const field = fc.oneof(
  floats.map((value) => `f=${value}`),
  integers.map((value) => `i=${value}i`),
  fc.constantFrom('alpha', 'beta', 'a b').map((value) => `s="${value}"`),
  fc.boolean().map((value) => `o=${value}`),
)

const fields = fc
  .uniqueArray(field, { minLength: 1, maxLength: 4, selector: (one) => one[0] })
  .map((list) => list.join(','))

export interface Point {
  readonly place: number
  readonly set: number
  readonly fields: string
}

const point: Arbitrary<Point> = fc.record({ place: fc.nat(steps - 1), set: fc.nat(tagSets.length - 1), fields })
const pointsFrom = (least: number) =>
  fc.uniqueArray(point, { minLength: least, maxLength: 30, selector: ({ place }) => place })
export const points = pointsFrom(1)
export const manyPoints = pointsFrom(12)
/** The same on a few times only, so that several series have points of one. */
export const crowded = fc.uniqueArray(
  point.map((one) => ({ ...one, place: (one.place % 8) * 5 })),
  { minLength: 2, maxLength: 30, selector: ({ place, set }) => `${place} ${set}` },
)

export function lineOf(base: number, { place, set, fields: written }: Point): string {
  // Some points stand a few nanoseconds beside the second.
  const time = BigInt(base + place * step) * second + BigInt(place % 3)
  return `m${tagSets[set]} ${written} ${time}`
}

export const pick = <T>(...list: T[]) => fc.constantFrom(...list)
