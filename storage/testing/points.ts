import { type Parsed, parse as parseText } from '../line-protocol/parse.ts'
import type { FieldType, FieldValue, Precision } from '../line-protocol/point.ts'

export interface Point {
  readonly series: string
  readonly names: string[]
  readonly types: FieldType[]
  readonly values: FieldValue[]
  /** Nanoseconds since 1970, UTC. */
  readonly time: bigint
}

/** Parses line protocol into an object for each point. */
export function parse(text: string, precision: Precision, now: bigint): Omit<Parsed, 'points'> & { points: Point[] } {
  const { points, ...parsed } = parseText(text, precision, now)
  const value = (place: number) => {
    const number = points.number(place)
    if (Number.isNaN(number)) return points.others.get(place) as FieldValue
    return points.type(place) === 'boolean' ? number === 1 : number
  }
  return {
    ...parsed,
    points: points.times.map((time, point) => {
      const from = points.end(point - 1)
      const places = Array.from({ length: points.end(point) - from }, (_, index) => from + index)
      return {
        series: points.series(point),
        names: places.map((place) => points.names[points.nameOf(place)] as string),
        types: places.map((place) => points.type(place)),
        values: places.map(value),
        time,
      }
    }),
  }
}
