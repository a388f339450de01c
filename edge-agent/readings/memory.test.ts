import { expect, test } from 'vitest'
import { parseMeminfo } from './memory.ts'

test('memory of /proc/meminfo is in bytes, and what caches hold is available', () => {
  const text = 'MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable:  700 kB\nSwapTotal:  50 kB\nSwapFree:  20 kB\n'
  expect(parseMeminfo(text)).toEqual({ total: 1_024_000, available: 716_800, swapTotal: 51_200, swapUsed: 30_720 })
})

test('an old kernel that does not tell what is available has what is free or cached', () => {
  const text = 'MemTotal:  1000 kB\nMemFree:  100 kB\nBuffers:  50 kB\nCached:  250 kB\n'
  expect(parseMeminfo(text)).toEqual({ total: 1_024_000, available: 409_600, swapTotal: 0, swapUsed: 0 })
})

test('a table without a total is not known', () => {
  expect(parseMeminfo('')).toBeUndefined()
})
