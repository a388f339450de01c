import { fork } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

const script = new URL('testing/gives-up.ts', import.meta.url).pathname

test.each([
  { why: 'told to stop', args: [], code: 0 },
  { why: 'cannot go on', args: ['fatal'], code: 1 },
])('a process that $why ends with $code', async ({ args, code }) => {
  const child = fork(script, args, { execArgv: [], env: { ...process.env, IOC_LOG_LEVEL: 'silent' } })
  expect(await once(child, 'exit')).toEqual([code, null])
})
