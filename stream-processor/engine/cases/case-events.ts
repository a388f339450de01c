import { type CaseVersion, never, overdueFrom } from './case-version.ts'

/** What is summed up of cases. All are whole numbers, so that a retraction takes away exactly what was added. */
export const noSums = () => ({ received: 0, closed: 0, closedOnTime: 0, handlingMs: 0, overdue: 0 })
export type Sums = ReturnType<typeof noSums>
export const sumNames = Object.keys(noSums()) as (keyof Sums)[]

/** Something that happens to a case, and what it adds to the sums of its keys. */
export interface CaseEvent {
  /** In ms. */
  readonly ts: number
  readonly adds: Partial<Readonly<Sums>>
}

/** What has happened to a case: it was opened, its deadline passed while it was open, it was closed. */
export function eventsOf(version: CaseVersion): CaseEvent[] {
  const { opened, due, closed, passed } = version
  const from = overdueFrom(version)
  const isClosed = closed !== never
  const wasOverdue = isClosed ? closed > from : passed
  const events: CaseEvent[] = [{ ts: opened, adds: { received: 1 } }]
  if (wasOverdue) events.push({ ts: from, adds: { overdue: 1 } })
  if (isClosed) {
    const adds = {
      closed: 1,
      closedOnTime: closed <= due ? 1 : 0,
      handlingMs: closed - opened,
      overdue: wasOverdue ? -1 : 0,
    }
    events.push({ ts: closed, adds })
  }
  return events
}

/** The events of the first list that are not in the second: mostly a new version changes nothing in the past. */
export function eventsBeyond(events: readonly CaseEvent[], others: readonly CaseEvent[]): readonly CaseEvent[] {
  return events.filter((event) => !others.some((other) => isSame(event, other)))
}

function isSame(left: CaseEvent, right: CaseEvent): boolean {
  return left.ts === right.ts && sumNames.every((name) => left.adds[name] === right.adds[name])
}
