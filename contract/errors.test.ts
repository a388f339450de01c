import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { errorTable, IocError, isIocError, isRetryable } from './errors.ts'

describe('errors', () => {
  test('docs/errors.md lists exactly the table', () => {
    const text = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
    const cells = (line: string) => line.split('|').map((cell) => cell.trim())
    const rows = text
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map(cells)
    const expected = Object.entries(errorTable).map(([code, { retry, meaning }]) => [
      '',
      `\`${code}\``,
      retry ? 'yes' : 'no',
      meaning,
      '',
    ])
    expect(rows).toEqual(expected)
  })

  test('whether to try again follows from the code', () => {
    expect(isRetryable(new IocError('DISK_FULL', ''))).toBe(true)
    expect(isRetryable(new IocError('PAYLOAD_INVALID', ''))).toBe(false)
    expect(isRetryable(new Error('DISK_FULL'))).toBe(false)
    expect(isIocError(new IocError('LOG_FULL', ''), 'LOG_CLOSED')).toBe(false)
  })
})
