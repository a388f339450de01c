import type { LaneName } from '@ioc/ingest-log/lanes.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backlogShare, createTurns, maxBacklogLinesInFlight, maxCredit, maxLinesInFlight } from './turns.ts'

const both = { live: true, backlog: true }
const bytes = fc.array(
  fc.record({ live: fc.integer({ min: 1, max: 1 << 20 }), backlog: fc.integer({ min: 1, max: 1 << 20 }) }),
  {
    minLength: 200,
    maxLength: 400,
  },
)

describe('whose turn it is', () => {
  test('the backlog has its share beside a live lane that never ends, and no more', () => {
    fc.assert(
      fc.property(bytes, (batches) => {
        const turns = createTurns()
        const taken = { live: 0, backlog: 0 }
        const order: LaneName[] = []
        for (const sizes of batches) {
          const lane = turns.next(both, 0)
          if (!lane) throw new Error('nobody has a turn')
          turns.took(lane, sizes[lane])
          taken[lane] += sizes[lane]
          order.push(lane)
        }
        const slack = (1 << 20) + maxCredit
        const share = (taken.live + taken.backlog) * backlogShare
        expect(Math.abs(taken.backlog - share)).toBeLessThanOrEqual(slack)
      }),
    )
  })

  test('what is live waits for a batch of the backlog, or for a few that are small', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 1 << 20 }))), (steps) => {
        const turns = createTurns()
        let waitedFor = 0
        for (const [live, size] of steps) {
          const lane = turns.next({ live, backlog: true }, 0) as LaneName
          if (live && lane === 'backlog') expect(waitedFor).toBeLessThanOrEqual(maxCredit)
          turns.took(lane, size)
          waitedFor = live && lane === 'backlog' ? waitedFor + size : 0
        }
      }),
    )
  })

  test('the backlog has every turn while nothing is live', () => {
    const turns = createTurns()
    for (let turn = 0; turn < 10; turn++) {
      expect(turns.next({ live: false, backlog: true }, maxBacklogLinesInFlight)).toBe('backlog')
      turns.took('backlog', 1 << 20)
    }
    expect(turns.next({ live: false, backlog: false }, 0)).toBeUndefined()
  })

  test('a slow store stops the backlog first', () => {
    const turns = createTurns()
    expect(turns.next({ live: false, backlog: true }, maxBacklogLinesInFlight + 1)).toBeUndefined()
    expect(turns.next(both, maxLinesInFlight)).toBe('live')
    expect(turns.next(both, maxLinesInFlight + 1)).toBeUndefined()
    // Even then it is not left out for ever.
    turns.took('live', 9000)
    expect(turns.next(both, maxLinesInFlight)).toBe('backlog')
  })
})
