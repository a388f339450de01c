/** A reading of a counter. */
export interface Reading {
  readonly value: bigint
  /** Bits of the counter: it wraps to 0 after its greatest value. */
  readonly bits: 32 | 64
  /** `sysUpTime` of the agent in hundredths of a second; `undefined` where it has none. */
  readonly uptime: number | undefined
  /** When it was read, in ms, monotonic. */
  readonly at: number
}

/**
 * The increase per second between two readings. A 32-bit counter that went back has wrapped if the agent was up all the
 * time; any other that went back was reset: there is no rate then.
 */
export function ratePerSecond(before: Reading, now: Reading): number | undefined {
  const seconds = (now.at - before.at) / 1000
  if (seconds <= 0 || hasRestarted(before.uptime, now.uptime)) return undefined
  let increase = now.value - before.value
  if (increase < 0n && now.bits === 32 && now.uptime !== undefined) increase += 2n ** 32n
  return increase < 0n ? undefined : Number(increase) / seconds
}

/** A smaller uptime is one of another start. */
export function hasRestarted(before: number | undefined, now: number | undefined): boolean {
  return before !== undefined && now !== undefined && now < before
}
