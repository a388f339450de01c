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
  const value = (number: number, place: number, type?: FieldType) =>
    Number.isNaN(number) ? (points.others.get(place) as FieldValue) : type === 'boolean' ? number === 1 : number
  return {
    ...parsed,
    points: points.times.map((time, point) => {
      const [from, to] = [points.end(point - 1), points.end(point)]
      const types = points.types.slice(from, to)
      return {
        series: points.series(point),
        names: points.nameOf.slice(from, to).map((name) => points.names[name] as string),
        types,
        values: points.numbers.slice(from, to).map((number, index) => value(number, from + index, types[index])),
        time,
      }
    }),
  }
}
