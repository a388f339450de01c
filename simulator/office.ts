import type { Calendar } from '@ioc/runtime/district/calendar.ts'
import { hourMs, startOf } from './local-time.ts'
import { memo, once } from './numbers.ts'

/** Longest time without a working day, in days: an end to the search where a calendar has none. */
const maxClosed = 30

/** Days and hours of offices, by number of the day. */
export interface Office {
  isWorking(day: number): boolean
  isSchool(day: number): boolean
  isHoliday(day: number): boolean
  /** The working day `count` after the first one that is not before `day`. */
  workingDay(day: number, count: number): number
  /** A time of office hours: their beginning for 0, their end for 1. */
  moment(day: number, part: number): number
}

/** Offices work from 07:30 to 11:30 and from 13:00 to 16:30; a calendar may say that they are open longer. */
const morning = { from: 7.5, hours: 4 }
const afternoon = { from: 13, hours: 3.5 }

export const closingHour = afternoon.from + afternoon.hours

export const officeOf: (calendar: Calendar) => Office = once((calendar: Calendar) => {
  const noon = (day: number) => startOf(day) + 12 * hourMs
  const isWorking = memo((day) => calendar.isWorkingDay(noon(day)))
  return {
    isWorking,
    isSchool: memo((day) => calendar.isSchoolDay(noon(day))),
    isHoliday: memo((day) => calendar.isHoliday(noon(day))),
    workingDay(day, count) {
      let at = day
      for (let left = count; ; at++) {
        for (let skipped = 0; !isWorking(at) && skipped < maxClosed; skipped++) at++
        if (left-- <= 0) return at
      }
    },
    moment(day, part) {
      const hours = part * (morning.hours + afternoon.hours)
      const hour = hours < morning.hours ? morning.from + hours : afternoon.from + hours - morning.hours
      return startOf(day) + Math.round((hour * hourMs) / 1000) * 1000
    },
  }
})
