/** Small whole numbers for names, in the order in which they are first seen. */
export interface Names {
  numberOf(name: string): number
  nameOf(number: number): string
}

/** @param most names; all beyond share the number and the name of `rest`, so that sums over names stay whole */
export function createNames(first: string, rest: string, most: number): Names {
  const names = [first, rest]
  const numbers = new Map([
    [first, 0],
    [rest, 1],
  ])
  return {
    numberOf(name) {
      const known = numbers.get(name)
      if (known !== undefined) return known
      if (names.length >= most) return 1
      numbers.set(name, names.length)
      return names.push(name) - 1
    },
    nameOf: (number) => names[number] as string,
  }
}
