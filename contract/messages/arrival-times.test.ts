import { expect, test } from 'vitest'
import { backFromArrival, spanOf } from './arrival-times.ts'
import { replayOf } from './replay.ts'

test.each([
  ['two of one device', [{ device: 'a' }, { device: 'a' }], [1, 0]],
  ['null is no time', [{ device: 'a', ts: null }, { device: 'a' }, { device: 'a', ts: null }], [2, 1, 0]],
  ['devices share the arrival', [{ device: 'a' }, { device: 'b' }, { device: 'a' }], [1, 0, 0]],
  ['those with a time keep it', [{ device: 'a' }, { device: 'a', ts: 5 }, { device: 'a' }], [1, 0, 0]],
  [
    'all have one',
    [
      { device: 'a', ts: 5 },
      { device: 'a', ts: 5 },
    ],
    [0, 0],
  ],
])('records without a time: %s', (_what, records, back) => {
  expect(backFromArrival(records)).toEqual(back)
  expect(spanOf(records)).toBe(Math.max(...back) + 1)
})

test('a replay keeps them apart', () => {
  const payload = Buffer.from('{"records":[{"device":"a","x":1},{"device":"a","x":2},{"device":"b","x":3}]}')
  const again = replayOf({ channel: 'telemetry', node: 'n', arrival: 500, payload })
  const { records } = JSON.parse(String(again?.payload)) as { records: { ts: number }[] }
  expect(records.map(({ ts }) => ts)).toEqual([499, 500, 500])
})
