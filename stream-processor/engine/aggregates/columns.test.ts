import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Column, RowColumn } from './column.ts'
import { countColumn, firstColumn, lastColumn, maxColumn, minColumn, sumColumn } from './numeric.ts'
import { heldColumn, stepsColumn } from './ordered.ts'
import { sketchColumn } from './sketch.ts'
import { byTime, type ColumnEvent, mergeParts, numRuns, type Part, partOf } from './testing/fold.ts'

const t0 = 1_764_000_000_000

const timed = (value: fc.Arbitrary<number>, options?: fc.ArrayConstraints): fc.Arbitrary<ColumnEvent[]> =>
  fc.array(fc.record({ ts: fc.integer({ min: 0, max: 20 }).map((step) => t0 + step * 500), value }), options)

/** Quarters are exact in binary, and so are their sums, and their products with times in ms. */
const quarter = fc.integer({ min: -40, max: 40 }).map((value) => value / 4)
const quarters = timed(quarter, { maxLength: 20 })

/** A run of values one bin, or one number, after the other: reaches where columns are full. */
const run = (longest: number, numberOf: (index: number) => number): fc.Arbitrary<ColumnEvent[]> =>
  fc
    .tuple(fc.integer({ min: -longest, max: longest }), fc.integer({ min: 0, max: longest }))
    .map(([start, length]) => Array.from({ length }, (_, index) => ({ ts: t0, value: numberOf(start + index) })))

const coarse = 0.1
const ratio = (1 + coarse) / (1 - coarse)

interface Case {
  readonly column: Column
  readonly events: fc.Arbitrary<ColumnEvent[]>
}

const cases: readonly Case[] = [
  { column: countColumn, events: quarters },
  { column: sumColumn, events: quarters },
  { column: minColumn, events: quarters },
  { column: maxColumn, events: quarters },
  { column: firstColumn, events: quarters },
  { column: lastColumn, events: quarters },
  { column: stepsColumn(2000), events: quarters },
  { column: heldColumn(2000), events: quarters },
  { column: sketchColumn(0.01), events: quarters },
  { column: sketchColumn(coarse), events: run(1500, (bin) => Math.sign(bin) * ratio ** (Math.abs(bin) - 40)) },
]

describe.each(cases)('$column.name', ({ column, events }) => {
  const ordered = column.kind === 'row' ? column.ordered : undefined
  const part = (some: readonly ColumnEvent[]) => partOf(column, ordered ? some.toSorted(byTime) : some)
  const merge = (left: Part, right: Part) => mergeParts(column, left, right)

  const expectSame = (actual: Part, expected: Part): void => {
    expect([...actual]).toEqual([...expected])
  }

  /** Three parts, in order of time if that counts. */
  const parts = fc.tuple(events, events, events).map(([a, b, c]) => {
    if (!ordered) return [a, b, c] as const
    const all = [...a, ...b, ...c].sort(byTime)
    const end = a.length + b.length
    return [all.slice(0, a.length), all.slice(a.length, end), all.slice(end)] as const
  })

  test('the identity changes nothing', () => {
    fc.assert(
      fc.property(events, (some) => {
        const whole = part(some)
        expect(merge(part(some), part([]))).toEqual(whole)
        expect(merge(part([]), part(some))).toEqual(whole)
      }),
      { numRuns },
    )
  })

  test('merging is associative', () => {
    fc.assert(
      fc.property(parts, ([a, b, c]) => {
        expectSame(merge(merge(part(a), part(b)), part(c)), merge(part(a), merge(part(b), part(c))))
      }),
      { numRuns },
    )
  })

  test('parts merged are the whole', () => {
    fc.assert(
      fc.property(parts, ([a, b, c]) => {
        expectSame(merge(part(a), merge(part(b), part(c))), part([...a, ...b, ...c]))
      }),
      { numRuns },
    )
  })

  if (!ordered)
    test('merging is commutative', () => {
      fc.assert(
        fc.property(events, events, (a, b) => expectSame(merge(part(a), part(b)), merge(part(b), part(a)))),
        { numRuns },
      )
    })

  if (!ordered)
    test('the order of events does not count', () => {
      fc.assert(
        fc.property(events, (some) => expectSame(part(some.toReversed()), part(some))),
        { numRuns },
      )
    })

  test('merging changes neither part', () => {
    fc.assert(
      fc.property(parts, ([a, b]) => {
        const [left, right] = [part(a), part(b)]
        merge(left, right)
        expect([left, right]).toEqual([part(a), part(b)])
      }),
      { numRuns },
    )
  })
})

const rowColumns = cases.map(({ column }) => column).filter((column) => column.kind === 'row')

test.each(rowColumns)('$name merges into the place of either, and touches nothing else', (column) => {
  const { width } = column
  fc.assert(
    fc.property(quarters, quarters, (a, b) => {
      const all = [...a, ...b].sort(byTime)
      const left = partOf(column, all.slice(0, a.length)) as Float64Array
      const right = partOf(column, all.slice(a.length)) as Float64Array
      const merged = mergeParts(column, left, right) as Float64Array
      const rows = Float64Array.from([7, ...left, 7, ...right, 7])
      const [leftAt, rightAt] = [1, width + 2]
      for (const outAt of [leftAt, rightAt]) {
        const into = rows.slice()
        column.merge(into, outAt, into, leftAt, into, rightAt)
        const expected = rows.slice()
        expected.set(merged, outAt)
        expect(into).toEqual(expected)
      }
    }),
    { numRuns },
  )
})

const orderedColumns = rowColumns.flatMap(({ ordered, ...column }) => (ordered ? [{ ...column, ordered }] : []))

describe.each(orderedColumns)('$name', (column) => {
  const { ordered } = column
  const rowOf = (events: readonly ColumnEvent[]) => partOf(column, events) as Float64Array

  test('no event has no last one, and closes to zeros', () => {
    const row = rowOf([])
    expect(ordered.lastTs(row, 0)).toBeUndefined()
    ordered.close(row, 0, t0, t0 + 1000)
    expect([...row]).toEqual(column.identity.map(() => 0))
  })

  test('the last event is the newest, and remains what it is when it is carried', () => {
    fc.assert(
      fc.property(timed(quarter, { minLength: 1, maxLength: 20 }), (some) => {
        const events = some.toSorted(byTime)
        const { ts, value } = events.at(-1) as ColumnEvent
        const row = rowOf(events)
        const carried = rowOf([])
        ordered.carry(carried, 0, ts, value, ts + ordered.holdMs / 2)
        for (const one of [row, carried]) {
          expect([ordered.lastTs(one, 0), ordered.lastValue(one, 0)]).toEqual([ts, value])
        }
      }),
      { numRuns },
    )
  })

  /** Windows side by side, the second of which inherits, count what the long one does. */
  test('what is carried closes the gap between two windows', () => {
    const spanned = stepsOrHeldForLong(column)
    fc.assert(
      fc.property(quarters, fc.integer({ min: 1, max: 10_000 }), (some, offset) => {
        // One event at a time: of a counter that has several values at once, and no others, nothing is known.
        const events = [...new Map(some.map((event) => [event.ts, event])).values()].sort(byTime)
        const [from, middle, to] = [t0, t0 + offset, t0 + 10_500]
        const closed = (row: Float64Array, start: number, end: number) => {
          spanned.ordered?.close(row, 0, start, end)
          return row
        }
        const before = partOf(
          spanned,
          events.filter(({ ts }) => ts < middle),
        ) as Float64Array
        const after = partOf(
          spanned,
          events.filter(({ ts }) => ts >= middle),
        )
        const carried = partOf(spanned, []) as Float64Array
        const last = spanned.ordered?.lastTs(before, 0)
        if (last !== undefined) spanned.ordered?.carry(carried, 0, last, spanned.ordered.lastValue(before, 0), middle)
        const second = closed(mergeParts(spanned, carried, after) as Float64Array, middle, to)
        const whole = closed(partOf(spanned, events) as Float64Array, from, to)
        expect((closed(before, from, middle)[0] as number) + (second[0] as number)).toBe(whole[0])
      }),
      { numRuns },
    )
  })
})

/** The same column with a hold longer than all that happens. */
function stepsOrHeldForLong({ name }: { readonly name: string }): RowColumn {
  return name.startsWith('steps') ? stepsColumn(60_000) : heldColumn(60_000)
}
