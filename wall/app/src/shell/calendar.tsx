import { displayOffsetMs } from '@ioc/runtime/display-time.ts'
import { useState } from 'preact/hooks'
import { startOf } from '../../../shared/time-range.ts'
import { timeZone } from '../format.ts'
import { language } from '../preferences.ts'
import { now } from '../state.ts'
import { sayShell } from './words.ts'

const dayMs = 86_400_000
const weekDays = {
  vi: ['T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'CN'],
  en: ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'],
} as const

interface CalendarProps {
  /** Start of the first and of the last chosen day. */
  readonly from: number
  readonly to: number
  readonly onChoose: (first: number, last: number) => void
}

/** A month, in which the first click chooses a day and the second one the other end of the range. */
export function Calendar({ from, to, onChoose }: CalendarProps) {
  const [month, setMonth] = useState(() => startOf(to, 'M'))
  const [anchor, setAnchor] = useState<number>()
  const choose = (day: number) => {
    onChoose(Math.min(anchor ?? day, day), Math.max(anchor ?? day, day))
    setAnchor(anchor === undefined ? day : undefined)
  }
  const first = startOf(month, 'w')
  const weeks = Math.ceil((startOf(month + 32 * dayMs, 'M') - first) / (7 * dayMs))
  const today = startOf(now.value, 'd')
  return (
    <div class="calendar" data-testid="calendar">
      <p class="month">
        <button
          type="button"
          class="icon-button"
          aria-label={sayShell('previousMonth')}
          onClick={() => setMonth(startOf(month - dayMs, 'M'))}
        >
          ‹
        </button>
        <strong aria-live="polite">{monthName(month)}</strong>
        <button
          type="button"
          class="icon-button"
          aria-label={sayShell('nextMonth')}
          onClick={() => setMonth(startOf(month + 32 * dayMs, 'M'))}
        >
          ›
        </button>
      </p>
      <table>
        <thead>
          <tr>
            {weekDays[language.value].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: weeks }, (_, week) => (
            <tr key={first + week * 7 * dayMs}>
              {Array.from({ length: 7 }, (_, index) => first + (week * 7 + index) * dayMs).map((day) => (
                <td key={day}>
                  <button
                    type="button"
                    class={startOf(day, 'M') === month ? '' : 'other'}
                    aria-label={dayName(day)}
                    aria-pressed={day >= from && day <= to}
                    aria-current={day === today ? 'date' : undefined}
                    onClick={() => choose(day)}
                  >
                    {new Date(day + displayOffsetMs).getUTCDate()}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function monthName(month: number): string {
  return new Intl.DateTimeFormat(language.value === 'vi' ? 'vi-VN' : 'en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone,
  }).format(month)
}

function dayName(day: number): string {
  return new Intl.DateTimeFormat(language.value === 'vi' ? 'vi-VN' : 'en-GB', { dateStyle: 'full', timeZone }).format(
    day,
  )
}
