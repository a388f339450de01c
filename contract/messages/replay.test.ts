import { expect, test } from 'vitest'
import { replayOf } from './replay.ts'
import { parseTelemetry } from './telemetry.ts'

const letter = (payload: string, channel = 'telemetry') => ({
  channel,
  node: 'n',
  arrival: 500,
  payload: Buffer.from(payload),
})

test.each([
  [
    'a message',
    '{"epoch":"e","seq":4,"sent":1,"records":[{"device":"d","ts":7,"values":{"x":1}}]}',
    { device: 'd', ts: 7, x: 1 },
  ],
  ['one record of it', '{"device":"d","ts":7,"type":"weather","values":{"x":1}}', { device: 'd', ts: 7, x: 1 }],
  ['several of them', '[{"device":"d","values":{"x":1}}]', { device: 'd', ts: 500, x: 1 }],
  ['a bare record', '{"ts":7,"values":{"x":1}}', { device: 'n', ts: 7, x: 1 }],
  ['a flat payload, whose values are its own', '{"device":3,"x":1}', { device: 'n', ts: 500, x: 1, device_value: 3 }],
])('of %s the records are sent, without its number, at their times', (_what, payload, { device, ts, ...values }) => {
  const again = replayOf(letter(payload))
  const parsed = parseTelemetry(again?.payload as Buffer)
  expect(parsed).toMatchObject({ kind: 'unnumbered', message: { replay: true, records: [{ device, ts, values }] } })
})

test.each(['status', 'store'])('nothing of %s is sent again', (channel) => {
  expect(replayOf(letter('{"online":true}', channel))).toBeUndefined()
})

test('of a payload of which only the first part is kept nothing can be sent', () => {
  expect(() => replayOf(letter('{"records":[{"dev'))).toThrow(expect.objectContaining({ code: 'PAYLOAD_NOT_JSON' }))
})
