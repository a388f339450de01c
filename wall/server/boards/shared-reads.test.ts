import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SharedReads } from './shared-reads.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const rows = (count: number) => [
  { name: 'm', columns: ['time'], values: Array.from({ length: count }, (_, at) => [at]) },
]

test('walls that ask within the time share an answer, which is evicted after it though nobody asks again', async () => {
  const reads = new SharedReads(async () => rows(1))
  await Promise.all([reads.read('a', 5_000, 'x'), reads.read('a', 5_000, 'y'), reads.read('b', 1_000, 'x')])
  expect([reads.asked, reads.size]).toEqual([2, 2])
  vi.advanceTimersByTime(1_000)
  expect(reads.size).toBe(1)
  await reads.read('a', 5_000, 'x')
  expect(reads.asked).toBe(2)
  vi.advanceTimersByTime(4_000)
  expect(reads.size).toBe(0)
})

test('a failure is not kept', async () => {
  const reads = new SharedReads(() => Promise.reject(new Error('away')))
  await expect(reads.read('a', 5_000, 'x')).rejects.toThrow('away')
  expect(reads.size).toBe(0)
})

test('beyond the limit of cells, the oldest answers are evicted', async () => {
  const reads = new SharedReads(async () => rows(900_000))
  for (const statement of ['a', 'b', 'c']) await reads.read(statement, 5_000, 'x')
  expect(reads.size).toBe(2)
  await reads.read('c', 5_000, 'x')
  expect(reads.asked).toBe(3)
})
