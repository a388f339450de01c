import { indicatorLatest } from '@ioc/contract/boards/queries.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { expect, test } from 'vitest'
import type { Board, Panel } from '../../shared/boards/board.ts'
import { LiveState } from '../live-state.ts'
import { readPanel } from './panel-data.ts'

const panel: Panel = {
  id: 1,
  type: 'stat',
  gridPos: { x: 0, y: 0, w: 1, h: 1 },
  targets: [{ refId: 'A', query: indicatorLatest({ id: 'load_1h', scope: 'district' }), resultFormat: 'time_series' }],
}
const board: Board = { uid: 'b', title: 'b', panels: [panel] }
const request = { from: 'now-6h', to: 'now', width: 100, variables: new Map() }
const now = Date.parse('2026-11-30T12:00:00+07:00')
const series = [{ name: 'indicator', columns: ['time', 'value'], values: [[now - 60_000, 41]] }]

/** Reads the panel; the figure is there, and the question about the week before fails so. */
function readWith(failure: Error) {
  const state = new LiveState()
  state.applyLink(true)
  const about = { vi: 'v', en: 'e' }
  const window = { kind: 'tumbling', size_s: 3600 }
  const descriptor = { id: 'load_1h', title: about, about, unit: '%', source: 'system', formula: 'f', window }
  state.apply('indicators', JSON.stringify([{ ...descriptor, scopes: ['district'] }]), false)
  let asked = 0
  const read = async () => {
    if (asked++ > 0) throw failure
    return series
  }
  return readPanel(board, panel, request, { state, read }, now)
}

test.each([
  ['is away', new IocError('STORE_UNREACHABLE', 'the store does not answer')],
  ['refuses the query', new IocError('QUERY_INVALID', 'the store: too many rows')],
])('a figure stands, and says why it is not compared, while the store %s', async (_, failure) => {
  expect(await readWith(failure)).toMatchObject({ results: [{ series }], comparison_error: failure.message })
})

test('a fault of the comparison itself is not hidden', async () => {
  await expect(readWith(new TypeError('not a function'))).rejects.toThrow('not a function')
})
