import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OnceQueue } from './once-queue.ts'

test('what is added comes out once, in the order in which it was added', () => {
  const step = fc.oneof(fc.nat({ max: 300 }), fc.constant('take' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const queue = new OnceQueue()
      const expected = new Set<number>()
      for (const one of steps) {
        if (one === 'take') {
          const [first] = expected
          expect(queue.take()).toBe(first)
          if (first !== undefined) expected.delete(first)
        } else {
          queue.add(one)
          expected.add(one)
        }
        expect(queue.size).toBe(expected.size)
      }
    }),
  )
})
