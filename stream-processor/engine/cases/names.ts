/** Names that were added to a dictionary, and the number of the first. */
export interface NewNames {
  readonly first: number
  readonly names: readonly string[]
}

/** Something that gives names numbers, and is saved by what was added to it. */
export interface Dictionary {
  /** What was added since the last call. */
  takeNew(): NewNames
  /** Puts back what was saved: all of it, in the order in which it was added. */
  putBack(names: readonly string[]): void
}

/** Small whole numbers for names, in the order in which they are first seen. */
export interface Names extends Dictionary {
  /** @param like what the number most likely is: it takes less where that is so */
  numberOf(name: string, like?: number): number
  nameOf(number: number): string
}

/** What `first` and `rest` take. */
const builtIn = 2

/** @param most names; all beyond share the number and the name of `rest`, so that sums over names stay whole */
export function createNames(first: string, rest: string, most: number): Names {
  const names = [first, rest]
  const numbers = new Map([
    [first, 0],
    [rest, 1],
  ])
  let saved = builtIn

  function numberOf(name: string, like = 0): number {
    if (names[like] === name) return like
    const known = numbers.get(name)
    if (known !== undefined) return known
    if (names.length >= most) return 1
    numbers.set(name, names.length)
    return names.push(name) - 1
  }

  return {
    numberOf,
    nameOf: (number) => names[number] as string,
    takeNew() {
      const from = saved
      saved = names.length
      return { first: from, names: names.slice(from) }
    },
    putBack(added) {
      for (const name of added) numberOf(name)
    },
  }
}
