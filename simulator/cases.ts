import type { CaseTypeId } from '@ioc/contract/case-types/table.ts'
import { caseTypes } from '@ioc/contract/case-types/table.ts'
import type { Site } from '@ioc/contract/district/sites.ts'
import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { Values } from '@ioc/contract/messages/envelope.ts'
import { dayCode, dayOf, hourMs, startOf } from './local-time.ts'
import type { CaseSource, World } from './model.ts'
import { choice, type Key, keyOf, poisson, uniform } from './noise.ts'
import { memo } from './numbers.ts'
import { closingHour, type Office } from './office.ts'
import { birthOf } from './sources.ts'

/** What happens to a case at a time. Attributes hold from then on. */
export interface Step {
  readonly ts: number
  readonly state: string
  readonly isClosed?: boolean
  readonly attributes?: Values
}

/** The whole life of a case. Its first step opens it. */
export interface Life {
  readonly due: number | null
  readonly steps: readonly Step[]
}

/** A case that is about to be opened, and the randomness that is its own. */
export interface Opening {
  readonly day: number
  /** Of the day's cases, from 0. */
  readonly number: number
  /** From 0 up to 1; the same for the same index. */
  draw(index: number): number
  pick<T>(index: number, from: readonly [T, ...T[]]): T
}

/** A desk that receives cases. */
export interface Desk {
  readonly type: CaseTypeId
  readonly device: string
  /** Ids begin with it; the name of the site, the day and a number follow. */
  readonly prefix: string
  /** How many are opened on a day: on average, or exactly where something else knows it. */
  expected(day: number): number
  readonly isExact?: boolean
  life(opening: Opening): Life
}

/** Longest life of a case, in days: what was opened earlier is closed. */
export const maxLifeDays = 100

/** Cases of a desk: each a pure function of the seed, the site, the day and its number. */
export function casesOf(site: Site, world: World, desk: Desk): CaseSource {
  const { type, device, prefix } = desk
  const key = keyOf(world.seed, 'cases', type, site.site)
  const openedOn = memo((day) => {
    const expected = desk.expected(day)
    const count = desk.isExact ? expected : poisson(key, day, expected)
    return Array.from({ length: count }, (_, number) => {
      const own = keyOf(key, `${day}`, `${number}`)
      const { due, steps } = desk.life(openingOf(day, number, own))
      return versionsOf(
        { device, id: `${prefix}-${site.site}-${dayCode(day)}-${`${number + 1}`.padStart(4, '0')}` },
        due,
        steps,
      )
    }).flat()
  }, maxLifeDays + 2)
  /** Versions by the day on which they come about. */
  const changedOn = memo((day) => {
    const versions: CaseRecord[] = []
    for (let opened = day - maxLifeDays; opened <= day; opened++) {
      for (const version of openedOn(opened)) if (dayOf(version.ts) === day) versions.push(version)
    }
    return versions.sort((a, b) => a.ts - b.ts)
  }, 2)
  return {
    name: device,
    devices: () => [birthOf(site, device, type, caseTypes[type].title.vi)],
    changes(from, to) {
      const versions: CaseRecord[] = []
      for (let day = dayOf(from); day <= dayOf(to); day++) {
        for (const version of changedOn(day)) if (from < version.ts && version.ts <= to) versions.push(version)
      }
      return versions
    },
  }
}

function openingOf(day: number, number: number, key: Key): Opening {
  return {
    day,
    number,
    draw: (index) => uniform(key, index),
    pick: (index, from) => from[choice(key, index, from.length)] ?? from[0],
  }
}

function versionsOf(of: { device: string; id: string }, due: number | null, steps: readonly Step[]): CaseRecord[] {
  const opened = steps[0]?.ts ?? 0
  let attributes: Values = {}
  let closed: number | null = null
  return steps.map(({ ts, state, isClosed = false, attributes: more }) => {
    attributes = { ...attributes, ...more }
    if (isClosed) closed = ts
    return { device: of.device, ts, case: { id: of.id, state, opened, due, closed, ...attributes } }
  })
}

/** Shares of cases that are closed before their last day, and on it; the others are late. */
export interface Punctuality {
  readonly early: number
  readonly onTime: number
}

/** End of office hours, `days` working days after a day. */
export function dueAfter(office: Office, day: number, days: number): number {
  return startOf(office.workingDay(day + 1, days - 1)) + closingHour * hourMs
}

/** Longest delay of a late case, in working days. */
const maxLate = 5

/**
 * When a case is closed that is to be closed within some working days: in office hours, after `opened`.
 * @param first of four draws that decide it
 */
export function closingOf(
  office: Office,
  { day, draw }: Opening,
  { opened, days, punctuality, first }: { opened: number; days: number; punctuality: Punctuality; first: number },
): number {
  const kind = draw(first)
  const part = draw(first + 1)
  const moment = draw(first + 2) * 0.98
  if (kind < punctuality.early) {
    const closed = office.moment(office.workingDay(day, Math.floor(part * days)), moment)
    if (closed > opened) return closed
  }
  const late = kind < punctuality.early + punctuality.onTime ? 0 : 1 + Math.floor(part * part * maxLate)
  return office.moment(office.workingDay(day + 1, days - 1 + late), moment)
}

/** Online files come when people are at home, too. */
export function onlineMoment(day: number, part: number): number {
  return startOf(day) + Math.round((6.5 + 15.5 * part) * 3600) * 1000
}

/** One of several, each of which is as likely as its weight says. @param part from 0 up to 1 */
export function weighted<T extends { readonly weight: number }>(from: readonly T[], part: number): T {
  let left = part * from.reduce((sum, { weight }) => sum + weight, 0)
  for (const one of from) {
    left -= one.weight
    if (left < 0) return one
  }
  return from.at(-1) as T
}

/** Who is a little better than others in keeping to times: each office stays as it is. */
export function punctualityOf(site: Site, world: World): Punctuality {
  const late = 0.0003 + 0.0009 * uniform(keyOf(world.seed, 'punctuality', site.site), 0)
  return { early: 0.62, onTime: 0.38 - late }
}
