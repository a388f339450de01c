import { expect, test } from 'vitest'
import { cpuPercent, parseProcStat } from './cpu.ts'

test('waiting for a disk is idle, and a guest is not counted twice', () => {
  expect(parseProcStat('cpu  100 10 50 800 40 5 5 10 30 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n')).toEqual({
    busy: 180,
    total: 1020,
  })
})

test.each([
  [{ busy: 0, total: 0 }, { busy: 25, total: 100 }, 25],
  [{ busy: 10, total: 100 }, { busy: 10, total: 100 }, undefined],
  [{ busy: 90, total: 100 }, { busy: 5, total: 110 }, undefined],
])('between %j and %j it is %s', (before, now, percent) => {
  expect(cpuPercent(before, now)).toBe(percent)
})
