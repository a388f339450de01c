import { expect, test } from 'vitest'
import { LiveState } from './live-state.ts'

test('topics of the fleet beyond the limit are counted, and what needs attention is kept besides', () => {
  const state = new LiveState('', 2)
  const apply = (topic: string) => state.apply(topic, '{"ts":1,"level":0}', false)
  expect(apply('indicator/a/district/district')).toBeDefined()
  expect(apply('indicator/b/district/district')).toBeDefined()
  expect(apply('indicator/c/district/district')).toBeUndefined()
  expect(state.overLimit).toBe(1)
  expect(state.applyComputed('attention', { ts: 1, counts: {}, items: [] })).toBeDefined()
  expect(state.applyComputed('place/site/s-1', { level: 3 })).toBeDefined()
  expect(state.apply('indicators', '[]', true)).toBeDefined()
  expect(state.overLimit).toBe(1)
})
