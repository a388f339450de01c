/** The types of fields, as InfluxDB names them, with what stands for each in a column of types. */
export const typeCodes = { float: 0, integer: 1, unsigned: 2, boolean: 3, string: 4 } as const

export type FieldType = keyof typeof typeCodes

const types = Object.keys(typeCodes) as FieldType[]

/** A field's value. Integers are numbers while they are exact as numbers, and bigints beyond. */
export type FieldValue = number | bigint | boolean | string

/** Values that are no numbers, by their place in a list of numbers, which has NaN there: no value of a field is NaN. */
export type Others = Map<number, bigint | string>

/** Values that there is room for at first, at most: more for each eight characters of text are seldom needed. */
const maxRoom = 65_536

/**
 * The points of a text, column by column: with an object for each point, and one for each of its values, a third of what
 * a write costs is to collect them.
 */
export class Points {
  /** Nanoseconds since 1970, UTC. */
  readonly times: bigint[] = []
  /** Names of fields, each once however many values it has. */
  readonly names: string[] = []
  /** Text, and integers that are not exact as numbers. */
  readonly others: Others = new Map()
  readonly #text: string
  /** Of each point where its series begins and ends in the text, and where its values end. */
  readonly #from: number[] = []
  readonly #to: number[] = []
  readonly #ends: number[] = []
  /** Of each value the place of its name, the code of its type, and its number. */
  #nameOf: Uint32Array
  #types: Uint8Array
  #numbers: Float64Array
  /** How many values there are. */
  #count = 0

  constructor(text: string) {
    this.#text = text
    const room = Math.min(Math.max(8, text.length >> 3), maxRoom)
    this.#nameOf = new Uint32Array(room)
    this.#types = new Uint8Array(room)
    this.#numbers = new Float64Array(room)
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

  /** The place of a value's name among the names. */
  nameOf(place: number): number {
    return this.#nameOf[place] as number
  }

  type(place: number): FieldType {
    return types[this.#types[place] as number] as FieldType
  }

  /** A value as a number, 1 and 0 for true and false; NaN where it is one of the others. */
  number(place: number): number {
    return this.#numbers[place] as number
  }

  /** @param type its code */
  addNumber(name: number, type: number, number: number): void {
    if (this.#count === this.#numbers.length) this.#grow()
    this.#nameOf[this.#count] = name
    this.#types[this.#count] = type
    this.#numbers[this.#count++] = number
  }

  addOther(name: number, type: number, value: bigint | string): void {
    this.others.set(this.#count, value)
    this.addNumber(name, type, Number.NaN)
  }

  /** Makes a point of the values that were added since the one before. */
  addPoint(from: number, to: number, time: bigint): void {
    this.#from.push(from)
    this.#to.push(to)
    this.#ends.push(this.#count)
    this.times.push(time)
  }

  /** Takes back the values that were added since the last point. */
  dropValues(): void {
    const end = this.end(this.count - 1)
    while (this.#count > end) this.others.delete(--this.#count)
  }

  #grow(): void {
    const room = 2 * this.#count
    const [nameOf, types, numbers] = [new Uint32Array(room), new Uint8Array(room), new Float64Array(room)]
    nameOf.set(this.#nameOf)
    types.set(this.#types)
    numbers.set(this.#numbers)
    this.#nameOf = nameOf
    this.#types = types
    this.#numbers = numbers
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
