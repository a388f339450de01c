import { expect, test } from 'vitest'
import type { LiveSource } from './live-source.ts'
import { createLiveTurns, feedOf } from './live-turns.ts'

const sourceOf = (topic: string): LiveSource => ({ topic, read: () => undefined })
const topics = (live: readonly LiveSource[]) => live.map(({ topic }) => topic)

test('a feed that never ends does not silence the others, and nothing waits for ever', () => {
  const endless = new Set<string>()
  const quiet = new Set<string>()
  const take = createLiveTurns([feedOf(endless, sourceOf), feedOf(quiet, sourceOf)])
  for (let index = 0; index < 10; index++) endless.add(`endless-${index}`)
  quiet.add('quiet')
  expect(topics(take(3))).toEqual(['endless-0', 'endless-1', 'endless-2'])
  for (let index = 0; index < 10; index++) endless.add(`endless-${index}`)
  // Added again, they wait behind those that have waited for longer.
  expect(topics(take(3))).toEqual(['quiet', 'endless-3', 'endless-4'])
  expect(topics(take(100))).toHaveLength(8)
  expect(take(100)).toEqual([])
})
