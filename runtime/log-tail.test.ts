import { expect, test } from 'vitest'
import { LogTail } from './log-tail.ts'

const line = (level: number, msg: string, more: object = {}) =>
  JSON.stringify({ level, time: 1, name: 'x', ...more, msg })

test('keeps the newest lines of a level, bounded in number and length', () => {
  const tail = new LogTail()
  for (let n = 0; n < 700; n++) tail.take(line(n % 2 === 0 ? 30 : 50, `line ${n} ${'x'.repeat(2_000)}`))
  const { lines, leftOut } = tail.newest(100, 'error')
  expect(lines).toHaveLength(100)
  expect(lines.at(-1)).toContain('line 699 ')
  expect(lines[0]).toHaveLength(500)
  expect(leftOut).toBe(150)
  expect(tail.newest(500, 'debug').lines).toHaveLength(500)
})

test('no secret reaches a line: as it is, in JSON, in a URL, and in the middle of an error', () => {
  const tail = new LogTail()
  const secret = 'mật "khẩu" /1\\2'
  tail.addSecret(secret)
  const out = [
    tail.take(line(30, `password ${secret}`)),
    tail.take(line(50, 'failed', { err: { message: `login with ${secret} failed`, stack: `Error: ${secret}` } })),
    tail.take(line(40, `GET http://x/?key=${encodeURIComponent(secret)}`)),
    tail.take(line(40, 'connect mqtt://user:pa55@host:1883 failed')),
  ]
  for (const text of [...out, ...tail.newest(10, 'debug').lines]) {
    expect(text).not.toContain('khẩu')
    expect(text).not.toContain('pa55')
    expect(text).not.toContain(encodeURIComponent('khẩu'))
  }
  expect(out[3]).toContain('mqtt://***@host:1883')
  expect(JSON.parse(out[1] ?? '')).toMatchObject({ err: { message: 'login with *** failed' } })
})

test('a secret of three characters is not masked: it would be in every number', () => {
  const tail = new LogTail()
  tail.addSecret('123')
  expect(tail.redact('port 1234')).toBe('port 1234')
})
