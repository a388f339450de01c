import fc from 'fast-check'
import { expect, it } from 'vitest'
import { prefixesOf, TopicIndex } from './topic-index.ts'

const segment = fc.constantFrom('a', 'b', 'a-b', 'a0', 'a.b', 'é', 'A')
const topic = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

it('finds a topic and those below it, and no sibling that begins with the same letters', () => {
  const index = new TopicIndex()
  for (const name of ['a/b', 'a', 'a-b/c', 'a/b/c', 'a0', 'ab/c', 'b']) index.add(name)
  expect(index.below('a', undefined, 10)).toEqual(['a', 'a/b', 'a/b/c'])
  expect(index.below('a', 'a', 10)).toEqual(['a/b', 'a/b/c'])
  expect(index.below('a', 'a/b', 10)).toEqual(['a/b/c'])
  expect(index.below('a/b', undefined, 1)).toEqual(['a/b'])
  expect(index.below('a/b', 'a/b/x', 10)).toEqual([])
  expect([...prefixesOf('a/b/c')]).toEqual(['a/b/c', 'a/b', 'a'])
})

it('finds, in steps of any size, what a scan of all topics finds', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(topic),
      fc.array(topic),
      topic,
      fc.integer({ min: 1, max: 5 }),
      (added, deleted, prefix, step) => {
        const index = new TopicIndex()
        for (const name of added) index.add(name)
        for (const name of deleted) index.delete(name)
        const found: string[] = []
        for (let after: string | undefined; ; after = found.at(-1)) {
          const more = index.below(prefix, after, step)
          found.push(...more)
          if (more.length < step) break
        }
        const expected = added.filter((name) => !deleted.includes(name) && [...prefixesOf(name)].includes(prefix))
        expect(found).toEqual(expected.sort())
      },
    ),
  )
})
