import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import os from 'node:os'

/** The two clocks of a machine. */
export interface MachineClock {
  /** The wall clock, in ms since 1970. It steps when a person, NTP or an empty battery sets it. */
  now(): number
  /** Time since `boot`, in ms. It never steps. */
  uptime(): number
  /** Names what `uptime` counts from: another one after the machine, or where it cannot say, the process started. */
  readonly boot: string
}

/** The clocks of this machine. */
export function machineClock(): MachineClock {
  const boot = bootId()
  return boot === undefined
    ? { now: Date.now, uptime: () => performance.now(), boot: randomUUID() }
    : { now: Date.now, uptime: () => os.uptime() * 1000, boot }
}

function bootId(): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() || undefined
  } catch {
    return undefined
  }
}
