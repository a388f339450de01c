import { expect, test } from 'vitest'
import { gridFor } from './grid.ts'

const cell = { width: 8, height: 3, aspect: 2 }

test.each([
  [1, { width: 10, height: 4 }, 'auto', { columns: 1, rows: 1, shown: 1 }],
  [4, { width: 40, height: 4 }, 'auto', { columns: 4, rows: 1, shown: 4 }],
  [4, { width: 10, height: 20 }, 'auto', { columns: 1, rows: 4, shown: 4 }],
  [9, { width: 38, height: 12 }, 'auto', { columns: 3, rows: 3, shown: 9 }],
  [9, { width: 17, height: 9 }, 'auto', { columns: 2, rows: 3, shown: 5 }],
  [7, { width: 60, height: 4 }, 'vertical', { columns: 7, rows: 1, shown: 7 }],
  [5, { width: 60, height: 9 }, 'horizontal', { columns: 1, rows: 3, shown: 2 }],
  [0, { width: 60, height: 9 }, 'auto', { columns: 1, rows: 1, shown: 0 }],
  [3, { width: 0, height: 0 }, 'auto', { columns: 1, rows: 1, shown: 0 }],
] as const)('%d values in %o, %s: %o', (count, box, orientation, expected) => {
  expect(gridFor(count, box, cell, orientation)).toEqual(expected)
})
