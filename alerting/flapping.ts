/**
 * Detection of flapping as in Nagios: of the last 21 states of a cause, the changes from one to the next, each weighted by
 * its age from 0.75 (the oldest) to 1.25 (the newest). It flaps from 20 % on, until the share falls to 5 %.
 */
export interface Flips {
  /** Bit 0: the state of the newest slot differs from that of the slot before; bit 19 is the oldest. */
  readonly bits: number
  /** End of the newest slot, in ms since 1970. */
  readonly at: number
}

const maxChanges = 20
/** Length of a slot, in ms: more than one change in it counts as one. */
const slotMs = 60_000
const startPercent = 20
const stopPercent = 5

/** Slots without a change that passed until `now` are added; `changed`: so is a change in the slot of `now`. */
export function addFlips(flips: Flips | undefined, now: number, changed: boolean): Flips {
  const at = Math.floor(now / slotMs) * slotMs
  const passed = flips ? Math.min(Math.max((at - flips.at) / slotMs, 0), maxChanges) : 0
  const shifted = flips ? (flips.bits << passed) & ((1 << maxChanges) - 1) : 0
  return { bits: shifted | (changed ? 1 : 0), at }
}

export function flapPercent({ bits }: Flips): number {
  let sum = 0
  for (let age = 0; age < maxChanges; age++) {
    if (bits & (1 << age)) sum += 1.25 - (0.5 * age) / (maxChanges - 1)
  }
  return (100 * sum) / maxChanges
}

/** Whether a cause flaps, given whether it did. */
export function isFlapping(flips: Flips, before: boolean): boolean {
  const percent = flapPercent(flips)
  return before ? percent > stopPercent : percent >= startPercent
}
