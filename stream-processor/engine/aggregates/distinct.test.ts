import { expect, test } from 'vitest'
import { distinctColumn, distinctOf, maxExact } from './distinct.ts'
import { hashOf } from './hash.ts'
import { mergeParts, partOf } from './testing/fold.ts'

type Kind = [name: string, valueAt: (index: number) => number | string]

const kinds: readonly Kind[] = [
  ['whole numbers', (index) => index],
  ['tenths', (index) => index / 10],
  ['times', (index) => 1_764_000_000_000 + index * 1000],
  ['names', (index) => `camera-${index}`],
]

const cellOf = (values: readonly (number | string)[]) =>
  partOf(
    distinctColumn,
    values.map((value) => ({ ts: 0, value: hashOf(value) })),
  )

test.each(kinds)('hashes of %s: no two are one, and neighbours differ in half of their bits', (_, valueAt) => {
  const hashes = Array.from({ length: 100_000 }, (_, index) => hashOf(valueAt(index)))
  expect(new Set(hashes).size).toBe(hashes.length)
  expect(hashes.every((hash) => Number.isSafeInteger(hash) && hash >= 0)).toBe(true)
  const flips = new Array<number>(53).fill(0)
  const pairs = 2000
  for (let index = 0; index < pairs; index++) {
    const differing = BigInt(hashes[index] as number) ^ BigInt(hashes[index + 1] as number)
    for (const bit of flips.keys()) flips[bit] = (flips[bit] as number) + Number((differing >> BigInt(bit)) & 1n)
  }
  for (const count of flips) {
    expect(count / pairs).toBeGreaterThan(0.42)
    expect(count / pairs).toBeLessThan(0.58)
  }
})

test('hashes tell kinds apart, but not a zero from another', () => {
  const values = [0, 1, '0', '1', true, false, '', 'true']
  expect(new Set(values.map(hashOf)).size).toBe(values.length)
  expect(hashOf(-0)).toBe(hashOf(0))
})

test.each([1_000, 5_000, 100_000])('the standard error at %i values is about 2.3 %%', (size) => {
  const trials = Math.min(100, 1_000_000 / size)
  const errors = Array.from({ length: trials }, (_, trial) => {
    const cell = cellOf(Array.from({ length: size }, (_, index) => trial * size + index))
    return distinctOf(cell, 0) / size - 1
  })
  const squares = errors.reduce((sum, error) => sum + error * error, 0)
  // Twice as much as expected is beyond chance, and beyond the bias of up to 2 % between the two estimates.
  expect(Math.sqrt(squares / trials)).toBeLessThan(2 * (1.04 / Math.sqrt(2048)))
})

test('is exact as long as hashes are kept, and does not count again what it has', () => {
  const values = Array.from({ length: maxExact }, (_, index) => `plate-${index}`)
  const cell = cellOf([...values, ...values])
  expect(distinctOf(cell, 0)).toBe(maxExact)
  expect(distinctOf(mergeParts(distinctColumn, cell, cellOf(values)), 0)).toBe(maxExact)
})

test.each([10, 1000])('merging %i values with themselves is idempotent', (size) => {
  const cell = cellOf(Array.from({ length: size }, (_, index) => index))
  const merged = mergeParts(distinctColumn, cell, cell)
  expect(merged).toEqual(cell)
})
