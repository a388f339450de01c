import type { Rota } from '@ioc/contract/district/people.ts'
import type { RotaOverride } from '@ioc/contract/messages/notifications.ts'
import { displayTime } from '@ioc/runtime/display-time.ts'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aheadMs, gapsOf, onCallAt, shiftsOf } from './rota.ts'
import { hour, minute, monday } from './testing/watch.ts'

const day = 24 * hour
const at = (text: string) => Date.parse(`${text.replace(' ', 'T')}:00+07:00`)
const daily: Rota = {
  ...{ id: 'truc', name: 'Trực', people: ['an', 'ba', 'chi'] },
  ...{ rotation: 'daily', handover: '07:00', from: '2026-11-30' },
}
const weekly: Rota = { ...daily, rotation: 'weekly', weekday: 1 }
const read = (rota: Rota, overrides: readonly RotaOverride[], from: number, to: number) =>
  shiftsOf(rota, overrides, from, to).map((one) => `${displayTime(one.from).slice(5, 16)} ${one.person}`)

test('a daily rota is handed over at its hour in Asia/Ho_Chi_Minh, over the end of the month', () => {
  expect(read(daily, [], monday, monday + 3 * day)).toEqual([
    '11-30 00:00 chi',
    '11-30 07:00 an',
    '12-01 07:00 ba',
    '12-02 07:00 chi',
  ])
})

test('a weekly rota is handed over on its weekday, also where its first day is another', () => {
  expect(read({ ...weekly, from: '2026-12-02' }, [], monday, monday + 15 * day)).toEqual([
    '11-30 00:00 chi',
    '11-30 07:00 an',
    '12-07 07:00 ba',
    '12-14 07:00 chi',
  ])
})

test('an override of the file, and one at run time over it, replace the turn; null leaves a gap', () => {
  const rota = { ...weekly, overrides: [{ from: '2026-12-01 08:00', to: '2026-12-01 12:00', person: 'ba' }] }
  const override = { id: 'o', rota: 'truc', by: 'lan', from: at('2026-12-01 10:00'), to: at('2026-12-01 14:00') }
  expect(read(rota, [{ ...override, person: null }], at('2026-12-01 07:00'), at('2026-12-01 20:00'))).toEqual([
    '12-01 07:00 an',
    '12-01 08:00 ba',
    '12-01 10:00 null',
    '12-01 14:00 an',
  ])
})

test('a gap on Sunday from 02:00 to 06:00 is found 14 days before', () => {
  const times = [
    { days: [1, 2, 3, 4, 5, 6], from: '00:00', to: '24:00' },
    { days: [7], from: '00:00', to: '02:00' },
    { days: [7], from: '06:00', to: '24:00' },
  ]
  const [gap, ...others] = gapsOf({ ...weekly, times }, [], at('2026-11-29 06:00'))
  expect(gap).toEqual({ from: at('2026-12-06 02:00'), to: at('2026-12-06 06:00'), person: null })
  expect(others).toMatchObject([{ from: at('2026-12-13 02:00'), to: at('2026-12-13 06:00') }])
  expect(onCallAt({ ...weekly, times }, [], at('2026-12-06 03:00'))).toBeNull()
})

const override = fc
  .record({ from: fc.nat(14 * 24), hours: fc.integer({ min: 1, max: 40 }), person: fc.constantFrom('an', 'ba', null) })
  .map(({ from, hours, person }, id = 'o') => {
    const start = monday + from * hour
    return { id, rota: 'truc', by: 'lan', person, from: start, to: start + hours * hour }
  })

test('shifts say of every minute who is on call, without gaps or overlaps between them', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(daily, weekly, { ...daily, times: [{ days: [1, 3, 7], from: '06:30', to: '24:00' }] }),
      fc.array(override, { maxLength: 4 }),
      fc.array(fc.nat(14 * 24 * 60 - 1), { minLength: 1, maxLength: 50 }),
      (rota, overrides, minutes) => {
        const shifts = shiftsOf(rota, overrides, monday, monday + aheadMs)
        expect(shifts[0]?.from).toBe(monday)
        expect(shifts.at(-1)?.to).toBe(monday + aheadMs)
        for (const [index, shift] of shifts.slice(1).entries()) expect(shift.from).toBe(shifts[index]?.to)
        for (const one of minutes) {
          const time = monday + one * minute
          const shift = shifts.find(({ from, to }) => from <= time && time < to)
          expect(shift?.person).toBe(onCallAt(rota, overrides, time))
        }
      },
    ),
    { numRuns: propertyRuns(100) },
  )
})
