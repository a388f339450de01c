import type { CalendarsFile } from '@ioc/contract/district/calendars.ts'
import { displayOffsetMs } from '../display-time.ts'
import { localDay } from './in-force.ts'
import type { YamlFile } from './yaml-file.ts'

const dayMs = 86_400_000
const minuteMs = 60_000

/** What kind of day, and which time of the year, it is in the district. Times are in ms since 1970, UTC. */
export interface Calendar {
  /** Whether offices work on the day at `ts`. */
  isWorkingDay(ts: number): boolean
  /** Whether offices are open at `ts`. */
  isOpen(ts: number): boolean
  /** Whether pupils are at school on the day at `ts`. */
  isSchoolDay(ts: number): boolean
  isHoliday(ts: number): boolean
  isSeason(season: keyof CalendarsFile['seasons'], ts: number): boolean
}

/** The calendar of a district without one: every day is a working day, and no season is on. */
export const emptyCalendar: CalendarsFile = {
  working_days: [1, 2, 3, 4, 5, 6, 7],
  working_hours: [{ from: '00:00', to: '23:59' }],
  holidays: [],
  school_terms: [],
  seasons: { flood: { from: '01-01', to: '12-31' }, dry: { from: '01-01', to: '12-31' } },
}

/** What a schema cannot say of a calendar. @throws IocError DISTRICT_INVALID */
export function checkCalendars({ content, fault }: YamlFile<CalendarsFile>): void {
  for (const list of ['holidays', 'school_terms'] as const) {
    for (const [index, { from, to, name }] of content[list].entries()) {
      if (to < from) throw fault([list, index, 'to'], `${name} ends before it begins`)
      const twice = content[list].slice(0, index).find((other) => other.from <= to && from <= other.to)
      if (twice) throw fault([list, index], `${name} overlaps ${twice.name} (${twice.from} to ${twice.to})`)
    }
  }
  for (const [index, { from, to }] of content.working_hours.entries()) {
    if (to <= from) throw fault(['working_hours', index, 'to'], `${to} is not after ${from}`)
    const twice = content.working_hours.slice(0, index).find((other) => other.from < to && from < other.to)
    if (twice) throw fault(['working_hours', index], `${from} to ${to} overlaps ${twice.from} to ${twice.to}`)
  }
}

/** @param file as its schema allows it */
export function calendarOf(file: CalendarsFile): Calendar {
  const hours = file.working_hours.map(({ from, to }) => [minutes(from), minutes(to)] as const)
  const holds = (periods: CalendarsFile['holidays'], ts: number) => {
    const day = localDay(ts)
    return periods.some(({ from, to }) => from <= day && day <= to)
  }
  const isHoliday = (ts: number) => holds(file.holidays, ts)
  const isWorkingDay = (ts: number) => file.working_days.includes(dayOfWeek(ts)) && !isHoliday(ts)
  return {
    isWorkingDay,
    isOpen(ts) {
      const minute = Math.floor(((((ts + displayOffsetMs) % dayMs) + dayMs) % dayMs) / minuteMs)
      return isWorkingDay(ts) && hours.some(([from, to]) => from <= minute && minute < to)
    },
    isSchoolDay: (ts) => isWorkingDay(ts) && holds(file.school_terms, ts),
    isHoliday,
    isSeason(season, ts) {
      const { from, to } = file.seasons[season]
      const day = localDay(ts).slice(5)
      return from <= to ? from <= day && day <= to : day >= from || day <= to
    },
  }
}

/** The days on which a type whose sources report once a day or less is expected: people fill it in. */
export function reportingDays({ isSchoolDay, isWorkingDay }: Calendar, type: string): (ts: number) => boolean {
  return type === 'school' ? isSchoolDay : isWorkingDay
}

/** 1 Monday to 7 Sunday, in the display zone. */
function dayOfWeek(ts: number): number {
  return new Date(ts + displayOffsetMs).getUTCDay() || 7
}

function minutes(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number)
  return hour * 60 + minute
}
