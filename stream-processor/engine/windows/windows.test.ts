import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sum } from '../aggregates/aggregates.ts'
import { regularEnds } from './ends.ts'
import { createLayout } from './panes/layout.ts'
import { NodeCache } from './panes/node-cache.ts'
import { type EndedWindow, Windows } from './windows.ts'

const minuteMs = 60_000
const aggregate = sum('x')

/** Windows of two minutes that end each minute; `out` receives `10:01 = 3`. */
function createExample(): Windows<string[]> {
  const layout = createLayout([aggregate])
  const places = layout.places.get(aggregate) ?? []
  const plan = { id: 'example', paneMs: minuteMs, offsetMs: 0, layout, holdMs: 0, historyMs: 0 }
  const onEnd = ({ toMs, fromMs, table }: EndedWindow, out: string[]) => {
    const value = aggregate.read({ row: table.numbers, cells: table.cells, from: fromMs, to: toMs }, places)
    out.push(`${new Date(toMs).toISOString().slice(11, 16)} = ${value}`)
  }
  const options = { latenessMs: 3_600_000, idleMs: 30_000, forgetMs: 86_400_000, maxSeries: 10, tracksFirst: false }
  return new Windows(
    { ...plan, groups: [{ ends: regularEnds(2, 1) }] },
    { ...options, onEnd, archive: { get: () => undefined }, cache: new NodeCache(1_000_000) },
  )
}

const timeOf = (text: string) => Date.parse(`2026-01-01T${text}Z`)

test('the worked example of the README', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| (\d\d:\d\d:\d\d) \| (clock|event of (\S+), \+(\d+)) +\| (.*?) *\|$/gm)]
  expect(rows).toHaveLength(6)
  const windows = createExample()
  const series = windows.seriesOf({ scope: 'device', key: 's/d' })
  for (const [, arrival = '', what, ts, value, emitted] of rows) {
    const out: string[] = []
    const clock = timeOf(arrival)
    if (what === 'clock') {
      windows.advance(clock, false, out)
      windows.amend(clock, false, () => true, out)
    } else {
      expect(windows.add(series, timeOf(ts as string), clock, Float64Array.of(Number(value)), out)).toBe(true)
    }
    expect([arrival, out.join(', ')]).toEqual([arrival, emitted])
  }
})

test('a restored series goes on where it was saved, and an event beyond the lateness changes nothing', () => {
  const before = createExample()
  const place = { scope: 'device', key: 's/d' } as const
  const start = timeOf('10:00:00')
  before.add(before.seriesOf(place), start, start, Float64Array.of(3), [])
  const { pages, blocks, nodes: _, lateEvents, ...saved } = before.changes()
  const after = createExample()
  after.restore({ ...saved, pages: [...pages], blocks: [...blocks], lateEvents: [lateEvents] })
  const series = after.findSeries(place) as number
  const out: string[] = []
  expect(after.add(series, start + minuteMs, start + minuteMs, Float64Array.of(4), out)).toBe(true)
  expect(after.add(series, start - 7_200_000, start + minuteMs, Float64Array.of(9), out)).toBe(false)
  after.advance(start + 10 * minuteMs, false, out)
  expect(out).toEqual(['10:01 = 3', '10:02 = 7', '10:03 = 4'])
})
