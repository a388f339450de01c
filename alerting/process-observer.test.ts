import type { LiveProcess } from '@ioc/contract/messages/live.ts'
import { expect, test } from 'vitest'
import { createProcessObserver } from './process-observer.ts'
import { minute, monday, second } from './testing/watch.ts'

/** The reports of a hub with three processes, every five seconds. */
class Hub {
  now = monday
  readonly observer = createProcessObserver(() => this.now)
  readonly restarts = new Map([
    ['storage', 0],
    ['broker', 0],
    ['wall', 0],
  ])
  readonly silent = new Set<string>()

  report(process: string, up = true): void {
    const restarts = this.restarts.get(process) ?? 0
    const report = { process, ts: this.now, up, pid: 1, restarts, uptime_s: 0, rss_mb: 0, cpu_percent: 0 }
    this.observer.receive({ ...report, loop_p99_ms: 0, gauges: {} } satisfies LiveProcess)
  }

  restart(process: string): void {
    this.report(process, false)
    this.restarts.set(process, (this.restarts.get(process) ?? 0) + 1)
    this.pass(15 * second)
  }

  pass(ms: number): this {
    for (const end = this.now + ms; this.now < end; this.now += 5 * second)
      for (const process of this.restarts.keys()) if (!this.silent.has(process)) this.report(process)
    return this
  }

  get wrong(): string[] {
    return [...this.observer.problems()].flatMap(([name, found]) => (found ? `${name} ${found.state}` : []))
  }
}

test('a process that stops is a problem until it is back', () => {
  const hub = new Hub().pass(minute)
  hub.report('storage', false)
  expect(hub.wrong).toEqual(['storage stopped'])
  hub.pass(5 * second)
  expect(hub.wrong).toEqual([])
})

test('three restarts in ten minutes are a problem also while the process is up, until ten minutes are quiet', () => {
  const hub = new Hub().pass(minute)
  for (const wrong of [[], [], ['wall restarting']]) {
    hub.restart('wall')
    expect(hub.wrong).toEqual(wrong)
  }
  hub.pass(11 * minute)
  expect(hub.wrong).toEqual([])
})

test('three restarts in a day are none', () => {
  const hub = new Hub()
  for (let round = 0; round < 3; round++) {
    hub.restart('wall')
    hub.pass(20 * minute)
  }
  expect(hub.wrong).toEqual([])
})

test('a process that does not report while others do does not respond', () => {
  const hub = new Hub().pass(minute)
  hub.silent.add('broker')
  hub.pass(2 * minute)
  expect(hub.wrong).toEqual(['broker unresponsive'])
  hub.silent.clear()
  hub.pass(5 * second)
  expect(hub.wrong).toEqual([])
})

test('where nobody reports, as while the broker is away or the machine sleeps, nothing is said of processes', () => {
  const hub = new Hub().pass(minute)
  hub.now += 60 * minute
  expect(hub.wrong).toEqual([])
  hub.report('storage')
  hub.report('broker')
  hub.report('wall')
  expect(hub.wrong).toEqual([])
})
