import type { MaintenanceWindow, Selector, ThingId } from '@ioc/contract/messages/incidents.ts'
import { parseThing } from '@ioc/contract/messages/incidents.ts'
import { displayOffsetMs } from '@ioc/runtime/display-time.ts'
import { type Graph, parentsBeside, type ThingFacts } from './graph.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

type Times = Pick<MaintenanceWindow, 'from' | 'to' | 'every'>

/** Whether a window is open at a time. */
export function isOpen(window: Times, now: number): boolean {
  return openUntil(window, now) !== null
}

/** When the occurrence of a window that is open at a time ends, of several that overlap the last; null: none is open. */
export function openUntil({ from, to, every }: Times, now: number): number | null {
  if (now < from || now >= to) return null
  if (!every) return to
  const [hours = 0, minutes = 0] = every.at.split(':').map(Number)
  const local = now + displayOffsetMs
  const lengthMs = every.minutes * minuteMs
  let until: number | null = null
  // One that began on an earlier day may reach into this one.
  for (let back = 0; back * dayMs < lengthMs + dayMs; back++) {
    const day = Math.floor(local / dayMs) - back
    const start = day * dayMs + (hours * 60 + minutes) * minuteMs
    if (!every.days.includes(weekday(day)) || local < start || local >= start + lengthMs) continue
    until = Math.max(until ?? 0, Math.min(to, start + lengthMs - displayOffsetMs))
  }
  return until
}

/** 1 (Monday) to 7 (Sunday) of a day since 1970, which began on a Thursday. */
function weekday(day: number): number {
  return ((day + 3) % 7) + 1
}

/** Whether a selector covers a thing; what it depends on by itself, as an indicator on its device, counts as well. */
export function covers(selector: Selector, thing: ThingId, graph: Graph): boolean {
  const { kind, key } = parseThing(thing)
  if (kind === 'device' && selector.devices?.includes(key)) return true
  if (matchesFacts(selector, graph.factsOf(thing))) return true
  const isBeside = kind === 'indicator' || kind === 'ledger'
  return isBeside && parentsBeside(graph, thing).some((parent) => covers(selector, parent, graph))
}

function matchesFacts({ sites, areas, tags }: Selector, facts: ThingFacts): boolean {
  return (
    (facts.site !== undefined && sites?.includes(facts.site) === true) ||
    (facts.area !== undefined && areas?.includes(facts.area) === true) ||
    facts.tags.some((tag) => tags?.includes(tag))
  )
}
