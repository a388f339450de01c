import type { Rota } from '@ioc/contract/district/people.ts'
import type { RotaOverride, Shift } from '@ioc/contract/messages/notifications.ts'
import { displayOffset, displayOffsetMs } from '@ioc/runtime/display-time.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** How far ahead gaps are looked for, in ms. */
export const aheadMs = 14 * dayMs

/** Who is on call at a time; null: nobody. What was overridden at run time precedes the file; later entries precede. */
export function onCallAt(rota: Rota, overrides: readonly RotaOverride[], at: number): string | null {
  const override = overridesOf(rota, overrides).findLast(({ from, to }) => from <= at && at < to)
  if (override) return override.person
  return isCovered(rota, at) ? (rota.people[turnAt(rota, at)] ?? null) : null
}

/** Who is on call from a time to another, without seams between shifts of the same person. */
export function shiftsOf(rota: Rota, overrides: readonly RotaOverride[], from: number, to: number): readonly Shift[] {
  const shifts: Shift[] = []
  const borders = bordersOf(rota, overrides, from, to)
  for (const [index, begin] of borders.entries()) {
    const end = borders[index + 1]
    if (end === undefined) break
    const person = onCallAt(rota, overrides, begin)
    const last = shifts.at(-1)
    if (last?.person === person) shifts[shifts.length - 1] = { ...last, to: end }
    else shifts.push({ from: begin, to: end, person })
  }
  return shifts
}

/** When nobody is on call in the next 14 days. */
export function gapsOf(rota: Rota, overrides: readonly RotaOverride[], now: number): readonly Shift[] {
  return shiftsOf(rota, overrides, now, now + aheadMs).filter(({ person }) => person === null)
}

/** All times at which another person may come on call, and both ends. */
function bordersOf(rota: Rota, overrides: readonly RotaOverride[], from: number, to: number): readonly number[] {
  const borders = new Set([from, to])
  const add = (at: number) => {
    if (at > from && at < to) borders.add(at)
  }
  for (let day = localDayStart(from); day < to; day += dayMs) {
    add(day + clockMs(rota.handover))
    for (const { from: begin, to: end } of rota.times ?? []) {
      add(day + clockMs(begin))
      add(day + clockMs(end))
    }
  }
  for (const { from: begin, to: end } of overridesOf(rota, overrides)) {
    add(begin)
    add(end)
  }
  return [...borders].sort((a, b) => a - b)
}

function overridesOf(rota: Rota, overrides: readonly RotaOverride[]): readonly Shift[] {
  const ofFile = (rota.overrides ?? []).map(({ from, to, person }) => ({
    from: momentMs(from),
    to: momentMs(to),
    person,
  }))
  return [...ofFile, ...overrides.filter((one) => one.rota === rota.id)]
}

/** Whose turn it is: the index in the list of people. */
function turnAt({ people, rotation, handover, weekday = 1, from }: Rota, at: number): number {
  const start = momentMs(`${from} ${handover}`)
  const isDaily = rotation === 'daily'
  // A week begins on its weekday, on or before the first day.
  const back = isDaily ? 0 : (weekdayOf(start) - weekday + 7) % 7
  const turns = Math.floor((at - (start - back * dayMs)) / (isDaily ? dayMs : 7 * dayMs))
  return ((turns % people.length) + people.length) % people.length
}

function isCovered({ times }: Rota, at: number): boolean {
  if (!times) return true
  const ofDay = at - localDayStart(at)
  return times.some(
    ({ days, from, to }) => days.includes(weekdayOf(at)) && ofDay >= clockMs(from) && ofDay < clockMs(to),
  )
}

/** 1 (Monday) to 7 (Sunday), in the display zone. */
function weekdayOf(at: number): number {
  return new Date(at + displayOffsetMs).getUTCDay() || 7
}

/** Midnight of the display zone at or before a time. */
export function localDayStart(at: number): number {
  return Math.floor((at + displayOffsetMs) / dayMs) * dayMs - displayOffsetMs
}

/** `07:30` in ms since midnight. */
export function clockMs(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return (hours * 60 + minutes) * minuteMs
}

/** `2026-12-24 07:00` of the display zone, in ms since 1970. */
function momentMs(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}:00${displayOffset}`)
}
