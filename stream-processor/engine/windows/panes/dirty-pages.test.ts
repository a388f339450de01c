import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DirtyPages } from './dirty-pages.ts'

type Saved = readonly [page: number, value: number]

function createPages(count: number) {
  const values = Array.from({ length: count }, () => 0)
  const pages = new DirtyPages<Saved>(count, (page) => [page, values[page] as number])
  const write = (page: number, value: number) => {
    pages.touch(page)
    values[page] = value
  }
  return { values, pages, write }
}

test('a page that changes while a checkpoint is written is saved as it was when that began', () => {
  const { pages, write } = createPages(3)
  write(0, 1)
  write(2, 1)
  const saving = pages.take()[Symbol.iterator]()
  expect(saving.next().value).toEqual([0, 1])
  // The first has been copied, the last has not.
  write(0, 2)
  write(2, 2)
  expect([...{ [Symbol.iterator]: () => saving }]).toEqual([[2, 1]])
  expect([...pages.take()]).toEqual([
    [0, 2],
    [2, 2],
  ])
  expect([...pages.take()]).toEqual([])
})

test('what was saved is always the state of the moment at which the checkpoint began', () => {
  const write = fc.record({ page: fc.nat({ max: 4 }), value: fc.integer() })
  const checkpoint = fc.record({ before: fc.array(write), meanwhile: fc.array(fc.array(write, { maxLength: 3 })) })
  fc.assert(
    fc.property(fc.array(checkpoint), (checkpoints) => {
      const { values, pages, write: set } = createPages(5)
      const stored = new Map(values.entries())
      for (const { before, meanwhile } of checkpoints) {
        for (const { page, value } of before) set(page, value)
        const expected = new Map(values.entries())
        const changes = [...meanwhile]
        for (const [page, value] of pages.take()) {
          stored.set(page, value)
          for (const one of changes.shift() ?? []) set(one.page, one.value)
        }
        expect(stored).toEqual(expected)
      }
    }),
    { numRuns: propertyRuns(100) },
  )
})
