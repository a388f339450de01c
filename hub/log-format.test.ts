import { expect, test } from 'vitest'
import { formatLine } from './log-format.ts'

const controls = /\p{Cc}/u

test.each([
  [
    'a field of a log line',
    JSON.stringify({
      level: 40,
      time: 0,
      name: 'broker',
      topic: 'a\n12:00:00 hub ready\x1b[2J',
      msg: 'publish refused',
    }),
  ],
  [
    'the cause of an error',
    JSON.stringify({ level: 50, time: 0, name: 'broker', err: { message: 'client \x1b]0;x\x07' }, msg: 'failed' }),
  ],
  ['a line that is no JSON', 'Error: \x1b[31mtopic\x9b2J'],
])('control characters in %s are escaped', (_what, line) => {
  expect(formatLine('broker', line)).not.toMatch(controls)
  expect(formatLine('broker', line)).toContain('\\u001b')
})

test('times are in Vietnam, whatever the zone of the machine', () => {
  const line = JSON.stringify({ level: 30, time: Date.UTC(2026, 0, 31, 18, 5, 9), name: 'broker', msg: 'ready' })
  expect(formatLine('broker', line)).toMatch(/^01:05:09 broker /)
})
