/** The type of a field, as InfluxDB names it. */
export type FieldType = 'float' | 'integer' | 'unsigned' | 'boolean' | 'string'

/** A field's value. Integers are numbers while they are exact as numbers, and bigints beyond. */
export type FieldValue = number | bigint | boolean | string

/**
 * One parsed line. The series (measurement and tags) stays as the text that the line began with, because almost every
 * line names a series that was seen before: `parseSeriesKey` takes it apart where it is new.
 */
export interface Point {
  readonly series: string
  readonly names: string[]
  readonly types: FieldType[]
  readonly values: FieldValue[]
  /** Nanoseconds since 1970, UTC. */
  readonly time: bigint
  /** Where the line begins and ends in the parsed text, so that a rejected one can be quoted. */
  readonly from: number
  readonly to: number
}

/** Unit of the timestamps in a text. */
export type Precision = 'ns' | 'us' | 'ms' | 's' | 'm' | 'h'

/** How many nanoseconds one unit of a precision is. */
export const nanosecondsPer: Readonly<Record<Precision, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Timestamps that InfluxDB can hold, in nanoseconds: from 1677 to 2262. */
export const minTime = -9_223_372_036_854_775_806n
export const maxTime = 9_223_372_036_854_775_806n
