import { readFileSync } from 'node:fs'
import os from 'node:os'

/** Processor time since the machine started; only differences mean something. */
export interface CpuTimes {
  readonly busy: number
  readonly total: number
}

/** Parses the first line of `/proc/stat`. Waiting for a disk is idle time; a guest's time is part of its user's. */
export function parseProcStat(text: string): CpuTimes | undefined {
  const [, counters] = /^cpu\s+([\d ]+)$/m.exec(text) ?? []
  if (counters === undefined) return undefined
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = counters
    .split(' ')
    .map(Number)
  const busy = user + nice + system + irq + softirq + steal
  return { busy, total: busy + idle + iowait }
}

/** Percent of the time between two readings; `undefined` where the counters did not move, or went back. */
export function cpuPercent(before: CpuTimes, now: CpuTimes): number | undefined {
  const total = now.total - before.total
  const busy = now.busy - before.busy
  return total > 0 && busy >= 0 && busy <= total ? (100 * busy) / total : undefined
}

export function readCpuTimes(): CpuTimes {
  const onLinux = process.platform === 'linux' ? parseProcStat(readFileSync('/proc/stat', 'latin1')) : undefined
  if (onLinux) return onLinux
  let [busy, total] = [0, 0]
  for (const { times } of os.cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle
    total += all
    busy += all - times.idle
  }
  return { busy, total }
}
