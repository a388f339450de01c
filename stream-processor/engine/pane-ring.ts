import type { Aggregate } from '../indicators/indicator.ts'

/**
 * Partial aggregates of one metric of one key, a pane for each step of event time: pane `p` covers
 * `[p·every, (p+1)·every)`. A window is a run of panes, so an event costs one slot, whatever the window's length.
 * Slots are `width` doubles each in one array that grows with the span of time it holds, up to `maxPanes`.
 */
export interface PaneRing {
  slots: Float64Array
  /** Slots in `slots`: a whole number, which keeps the division in an event's way a whole one. */
  capacity: number
  /** The newest pane that has an event; -1 before the first one. */
  newest: number
  /** Time of the newest event, in ms. */
  newestTs: number
}

/** Doubles a slot: pane, count, sum, min, max, newest ts. */
export const width = 6

const firstCapacity = 8

export function createRing(): PaneRing {
  return { slots: emptySlots(firstCapacity), capacity: firstCapacity, newest: -1, newestTs: -1 }
}

function emptySlots(capacity: number): Float64Array {
  const slots = new Float64Array(capacity * width)
  for (let at = 0; at < slots.length; at += width) slots[at] = -1
  return slots
}

/** Adds an event. `false` if its pane is `maxPanes` or more behind the newest: too late, nothing is changed. */
export function addToRing(ring: PaneRing, pane: number, ts: number, value: number, maxPanes: number): boolean {
  if (ring.newest - pane >= maxPanes) return false
  const slots = slotsFor(ring, pane, maxPanes)
  const at = (pane % ring.capacity) * width
  if (slots[at] !== pane) {
    slots[at] = pane
    slots[at + 1] = 0
    slots[at + 2] = 0
    slots[at + 3] = value
    slots[at + 4] = value
    slots[at + 5] = ts
  }
  slots[at + 1] = (slots[at + 1] as number) + 1
  slots[at + 2] = (slots[at + 2] as number) + value
  if (value < (slots[at + 3] as number)) slots[at + 3] = value
  if (value > (slots[at + 4] as number)) slots[at + 4] = value
  if (ts > (slots[at + 5] as number)) slots[at + 5] = ts
  if (pane > ring.newest) ring.newest = pane
  if (ts > ring.newestTs) ring.newestTs = ts
  return true
}

/** Merges the panes `[from, to)`; `undefined` if none has an event. */
export function mergePanes(ring: PaneRing, from: number, to: number): Aggregate | undefined {
  const { slots, capacity } = ring
  let count = 0
  let sum = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let pane = Math.max(from, ring.newest - capacity + 1, 0); pane < to; pane++) {
    const at = (pane % capacity) * width
    if (slots[at] !== pane) continue
    count += slots[at + 1] as number
    sum += slots[at + 2] as number
    min = Math.min(min, slots[at + 3] as number)
    max = Math.max(max, slots[at + 4] as number)
  }
  return count === 0 ? undefined : { count, sum, min, max }
}

/** The slot of a pane, to be saved. */
export function slotOf(ring: PaneRing, pane: number): Float64Array | undefined {
  const at = (pane % ring.capacity) * width
  return ring.slots[at] === pane ? ring.slots.slice(at, at + width) : undefined
}

/** Puts a saved slot back. */
export function restoreSlot(ring: PaneRing, slot: Float64Array, maxPanes: number): void {
  const [pane = -1, , , , , ts = -1] = slot
  if (ring.newest - pane >= maxPanes) return
  const slots = slotsFor(ring, pane, maxPanes)
  const at = (pane % ring.capacity) * width
  // A saved slot of an older pane shares the place of a newer one once the ring has turned.
  if ((slots[at] as number) > pane) return
  slots.set(slot, at)
  ring.newest = Math.max(ring.newest, pane)
  ring.newestTs = Math.max(ring.newestTs, ts)
}

/** The slots, grown so that `pane` and the newest pane both have room, as far as `maxPanes` allows. */
function slotsFor(ring: PaneRing, pane: number, maxPanes: number): Float64Array {
  const { capacity } = ring
  const newest = Math.max(ring.newest, pane)
  const oldest = ring.newest < 0 ? pane : Math.min(pane, Math.max(ring.newest - capacity + 1, 0))
  const span = Math.min(newest - oldest + 1, maxPanes)
  if (span <= capacity) return ring.slots
  const old = ring.slots
  const grownCapacity = Math.min(maxPanes, Math.max(span, capacity * 2))
  const grown = emptySlots(grownCapacity)
  for (let at = 0; at < old.length; at += width) {
    const held = old[at] as number
    if (held < 0 || newest - held >= grownCapacity) continue
    grown.set(old.subarray(at, at + width), (held % grownCapacity) * width)
  }
  ring.slots = grown
  ring.capacity = grownCapacity
  return grown
}
