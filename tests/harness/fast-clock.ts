import { join } from 'node:path'

/** A wall clock that runs faster from now on, in this process and in those that are started with its environment. */
export interface FastClock {
  readonly environment: Readonly<Record<string, string>>
  /** In ms since 1970. */
  now(): number
}

/**
 * @param speed how much of that time passes in a second
 * @param offsetMs how far it is off from the beginning
 */
export function startFastClock(speed: number, offsetMs = 0): FastClock {
  const from = Date.now()
  return {
    environment: {
      IOC_TEST_CLOCK: `${from},${speed},${offsetMs}`,
      NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=file://${join(import.meta.dirname, 'fast-clock.mjs')}`,
    },
    now: () => Math.floor(from + (Date.now() - from) * speed) + offsetMs,
  }
}
