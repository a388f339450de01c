export function round(value: number, digits = 0): number {
  const factor = 10 ** digits
  return Math.round(value * factor) / factor
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}

/** Rises from 0 at `from` to 1 at `to`, smoothly. */
export function ramp(at: number, from: number, to: number): number {
  const part = clamp((at - from) / (to - from), 0, 1)
  return part * part * (3 - 2 * part)
}

/** The value at `x` of a line through points in the order of their x; before the first and after the last it is level. */
export function lineThrough(points: readonly (readonly [x: number, y: number])[], x: number): number {
  let [fromX, fromY] = points[0] ?? [0, 0]
  for (const [toX, toY] of points) {
    if (x < toX) return x <= fromX ? fromY : fromY + ((toY - fromY) * (x - fromX)) / (toX - fromX)
    fromX = toX
    fromY = toY
  }
  return fromY
}

/** Entries that a memo holds by default: a quarter of a year of days, a month of hours. */
const defaultEntries = 1_000

/** Remembers what a pure function computed for whole numbers, as days and hours; the oldest entry goes first. */
export function memo<T>(compute: (index: number) => T, maxEntries = defaultEntries): (index: number) => T {
  const known = new Map<number, T>()
  return (index) => {
    const found = known.get(index)
    if (found !== undefined) return found
    const value = compute(index)
    if (known.size >= maxEntries) known.delete(known.keys().next().value as number)
    known.set(index, value)
    return value
  }
}

/** What is computed once for each object, as for each world. */
export function once<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>()
  return (key) => {
    let value = known.get(key)
    if (value === undefined) {
      value = compute(key)
      known.set(key, value)
    }
    return value
  }
}
