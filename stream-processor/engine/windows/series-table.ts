import { type Place, placeId } from '../place.ts'

/** The series of a stream, by number and by place. A number that became free is the next one's. */
export class SeriesTable {
  /** By series; a number that is free has none. */
  readonly places: (Place | undefined)[] = []
  /** When the first measurement of a series was made, in ms; infinite before it. */
  readonly firstTs: number[] = []
  readonly #index = new Map<string, number>()
  readonly #free: number[] = []
  /** Since the last checkpoint. */
  readonly #created = new Set<number>()
  readonly #removed = new Set<number>()
  readonly #begun = new Set<number>()

  get size(): number {
    return this.#index.size
  }

  /** All that there are. */
  numbers(): Iterable<number> {
    return this.#index.values()
  }

  find(place: Pick<Place, 'key' | 'group'>): number | undefined {
    return this.#index.get(placeId(place))
  }

  /** A new series. */
  create(place: Place): number {
    const series = this.#free.pop() ?? this.places.length
    this.#set(series, place)
    this.#created.add(series)
    return series
  }

  remove(series: number): void {
    this.#index.delete(placeId(this.places[series] as Place))
    this.places[series] = undefined
    this.#created.delete(series)
    this.#begun.delete(series)
    this.#removed.add(series)
    this.#free.push(series)
  }

  #set(series: number, place: Place): void {
    this.places[series] = place
    this.firstTs[series] = Number.POSITIVE_INFINITY
    this.#index.set(placeId(place), series)
  }

  setFirst(series: number, ts: number): void {
    this.firstTs[series] = ts
    this.#begun.add(series)
  }

  /** What changed since the last call. */
  takeChanges(): SeriesChanges {
    const series = [...this.#created].map((one) => [one, this.places[one] as Place] as const)
    const first = [...this.#begun].map((one) => [one, this.firstTs[one] as number] as const)
    const gone = [...this.#removed]
    this.#begun.clear()
    this.#created.clear()
    this.#removed.clear()
    return { series, first, gone }
  }

  restore(series: SeriesChanges['series']): void {
    for (const [one, place] of series) this.#set(one, place)
    for (let one = 0; one < this.places.length; one++) if (!this.places[one]) this.#free.push(one)
  }
}

/** Series that are gone, and those that are new: a number may be both. */
export interface SeriesChanges {
  readonly gone: readonly number[]
  readonly series: readonly (readonly [series: number, place: Place])[]
  /** Times of first measurements that are other than before. */
  readonly first: readonly (readonly [series: number, ts: number])[]
}
