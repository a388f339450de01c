import { daysOf } from '@ioc/contract/district/period.ts'
import { IocError } from '@ioc/contract/errors.ts'
import type { CalendarUnit } from '@ioc/contract/messages/live.ts'
import { displayOffset } from '@ioc/runtime/display-time.ts'
import { localDay } from '@ioc/runtime/district/in-force.ts'

/** A year, quarter, month or day of Asia/Ho_Chi_Minh. */
export interface Period {
  /** As `2026`, `2026-Q4`, `2026-11` or `2026-11-29`. */
  readonly name: string
  readonly unit: CalendarUnit
  /** In ms: the first moment, and the first one after it. */
  readonly from: number
  readonly to: number
}

/** @throws IocError PAYLOAD_INVALID */
export function periodOf(name: string): Period {
  const days = daysOf(name)
  if (!days)
    throw new IocError('PAYLOAD_INVALID', `period ${name} is none: use a year (2026), quarter (2026-Q4), month or day`)
  const start = (day: string) => Date.parse(`${day}T00:00:00${displayOffset}`)
  return { name, unit: unitOf(name), from: start(days.from), to: start(days.to) }
}

function unitOf(name: string): CalendarUnit {
  if (name.length === 4) return 'year'
  if (name.includes('Q')) return 'quarter'
  return name.length === 7 ? 'month' : 'day'
}

/** The period of a unit that a time is in. */
export function periodAt(unit: CalendarUnit, ts: number): Period {
  const day = localDay(ts)
  const [year = '', month = ''] = day.split('-')
  switch (unit) {
    case 'year':
      return periodOf(year)
    case 'quarter':
      return periodOf(`${year}-Q${Math.ceil(Number(month) / 3)}`)
    case 'month':
      return periodOf(`${year}-${month}`)
    case 'day':
      return periodOf(day)
  }
}

/** The period just before. */
export const previousOf = ({ unit, from }: Period): Period => periodAt(unit, from - 1)

/** The same period of the year before; of 29 February, the day before 1 March. */
export function yearBefore({ name }: Period): Period {
  const before = `${Number(name.slice(0, 4)) - 1}${name.slice(4)}`
  return daysOf(before) ? periodOf(before) : periodOf(`${before.slice(0, 7)}-28`)
}
