/** The type of a field, as InfluxDB names it. */
export type FieldType = 'float' | 'integer' | 'unsigned' | 'boolean' | 'string'

/** A field's value. Integers are numbers while they are exact as numbers, and bigints beyond. */
export type FieldValue = number | bigint | boolean | string

/** Values that are no numbers, by their place in a list of numbers, which has NaN there: no value of a field is NaN. */
export type Others = Map<number, bigint | string>

/**
 * The points of a text, column by column: with an object for each point, and one for each of its values, a third of what
 * a write costs is to collect them.
 */
export class Points {
  /** Nanoseconds since 1970, UTC. */
  readonly times: bigint[] = []
  /** Names of fields, each once however many values it has. */
  readonly names: string[] = []
  /** Of each value the place of its name, its type and its number; a boolean's is 1 or 0. */
  readonly nameOf: number[] = []
  readonly types: FieldType[] = []
  readonly numbers: number[] = []
  /** Text, and integers that are not exact as numbers. */
  readonly others: Others = new Map()
  readonly #text: string
  /** Of each point where its series begins and ends in the text, and where its values end. */
  readonly #from: number[] = []
  readonly #to: number[] = []
  readonly #ends: number[] = []

  constructor(text: string) {
    this.#text = text
  }

  get count(): number {
    return this.times.length
  }

  /**
   * Measurement and tags, as the text that the line began with, because almost every line names a series that was seen
   * before: `parseSeriesKey` takes it apart where it is new.
   */
  series(point: number): string {
    return this.#text.slice(this.#from[point], this.#to[point])
  }

  /** The place after the last value of a point. */
  end(point: number): number {
    return this.#ends[point] ?? 0
  }

  addNumber(type: FieldType, number: number): void {
    this.types.push(type)
    this.numbers.push(number)
  }

  addOther(type: FieldType, value: bigint | string): void {
    this.others.set(this.numbers.length, value)
    this.addNumber(type, Number.NaN)
  }

  /** Makes a point of the values that were added since the one before. */
  addPoint(from: number, to: number, time: bigint): void {
    this.#from.push(from)
    this.#to.push(to)
    this.#ends.push(this.numbers.length)
    this.times.push(time)
  }

  /** Takes back the values that were added since the last point. */
  dropValues(): void {
    const end = this.end(this.count - 1)
    for (let place = end; place < this.numbers.length; place++) this.others.delete(place)
    for (const list of [this.nameOf, this.types, this.numbers]) list.length = end
  }
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
