import type { LiveProcess } from '@ioc/contract/messages/live.ts'

/** A process that was restarted so often within `restartsMs` is in a loop. */
const maxRestarts = 3
const restartsMs = 600_000
/** Processes report every five seconds: one that has not for so long, while others did, does not respond, in ms. */
const unresponsiveMs = 60_000

/** What is wrong with a process of the centre. */
export interface ProcessProblem {
  readonly state: 'stopped' | 'restarting' | 'unresponsive'
  readonly since: number
}

interface Known {
  report: LiveProcess
  receivedAt: number
  /** Times of the newest restarts, in ms. */
  restarts: readonly number[]
}

/** The processes of the centre, as the hub reports them. */
export interface ProcessObserver {
  receive(report: LiveProcess): void
  /** By name; undefined: nothing is wrong. */
  problems(): ReadonlyMap<string, ProcessProblem | undefined>
}

export function createProcessObserver(now: () => number): ProcessObserver {
  const known = new Map<string, Known>()

  function problemOf({ report, receivedAt, restarts }: Known, newest: number): ProcessProblem | undefined {
    if (!report.up) return { state: 'stopped', since: report.ts }
    const [first, ...others] = restarts.filter((at) => at > now() - restartsMs)
    if (first !== undefined && others.length + 1 >= maxRestarts) return { state: 'restarting', since: first }
    // Where none reports, the hub or the broker is away, or the watch itself has slept.
    return newest - receivedAt > unresponsiveMs ? { state: 'unresponsive', since: report.ts } : undefined
  }

  return {
    receive(report) {
      const before = known.get(report.process)
      const isRestart = before !== undefined && report.restarts > before.report.restarts
      const restarts = [...(before?.restarts ?? []), ...(isRestart ? [now()] : [])].slice(-maxRestarts)
      known.set(report.process, { report, receivedAt: now(), restarts })
    },
    problems() {
      const newest = Math.max(...[...known.values()].map(({ receivedAt }) => receivedAt))
      return new Map([...known].map(([name, one]) => [name, problemOf(one, newest)]))
    },
  }
}
