import { fork } from 'node:child_process'
import type { EngineResult } from '../engine/run.ts'
import { figure } from '../figure.ts'

const seconds = Number(process.env['IOC_BENCH_SECONDS'] ?? 10)

/** Keys of each case (of `cases`: cases that are open at a time), and those that say how the cost grows. */
const keysOf: Readonly<Record<string, readonly number[]>> = {
  tumbling: [1_000, 100, 10_000, 100_000],
  tumbling_shuffled: [1_000, 100, 10_000, 100_000],
  sliding: [10_000, 100, 1_000, 100_000],
  month: [10_000, 100, 1_000, 100_000],
  month_full: [100],
  quantiles: [1_000, 100, 10_000, 100_000],
  // A day of more keys than these goes by for longer than anyone waits.
  late: [1_000, 100, 10_000],
  cases: [100_000, 100, 1_000, 10_000, 1_000_000],
  cases_one_scope: [100_000, 100],
}

/** Cases to run, separated by commas; all of them when empty. */
const wanted = (process.env['IOC_BENCH_CASES'] ?? '').split(',').filter((name) => name !== '')

/** Events a second of the engine, from records of the log to indicators, on one core, with checkpoints. */
export async function engine(): Promise<void> {
  for (const [name, counts] of Object.entries(keysOf)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const results = new Map<number, EngineResult>()
    for (const keys of counts) {
      const result = await runApart(name, keys)
      results.set(keys, result)
      report(`${name}${keys === counts[0] ? '' : `.${keys}_keys`}`, result)
    }
    const [few, many] = [results.get(100), results.get(100_000)]
    if (few && many) {
      const growth = few.eventsPerSecond / many.eventsPerSecond - 1
      figure(`engine.growth_percent.${name}`, growth * 100, '%', { from_keys: 100, to_keys: 100_000 })
    }
  }
}

function report(name: string, result: EngineResult): void {
  const { eventsPerSecond, events, points, keys, cpuSecondsPerMillion, checkpoints } = result
  const detail = { keys, events, points, seconds, checkpoints, cpu_s_per_million: cpuSecondsPerMillion }
  figure(`engine.events_per_s.${name}`, eventsPerSecond, 'events/s', detail)
  const { bytesEach, rssMb, mappedMb, rssGrowthMb, cases } = result
  if (cases === 0) {
    figure(`engine.bytes_per_key.${name}`, bytesEach, 'By', {
      keys,
      rss_mb: rssMb,
      mapped_mb: mappedMb,
    })
  } else {
    // Closed cases that windows still need are in memory as well.
    const rss = { rss_mb: rssMb, mapped_mb: mappedMb, rss_per_case: (rssGrowthMb * 1e6) / cases }
    figure(`engine.bytes_per_case.${name}`, bytesEach, 'By', { open: keys, cases, ...rss })
  }
  figure(`engine.checkpoint_pause_ms.${name}`, result.pauseMs.max, 'ms', { median: result.pauseMs.median, checkpoints })
  figure(`engine.turn_while_saving_ms.${name}`, result.savingTurnMs.max, 'ms', { median: result.savingTurnMs.median })
  figure(`engine.checkpoint_ms.${name}`, result.checkpointMs.max, 'ms', { median: result.checkpointMs.median })
  figure(`engine.recovery_ms.${name}`, result.recoveryMs, 'ms', { keys })
}

/** In a process of its own, on one core. */
function runApart(name: string, keys: number): Promise<EngineResult> {
  const program = new URL('../engine/process.ts', import.meta.url).pathname
  const child = fork(program, { execPath: 'taskset', execArgv: ['-c', '0', process.execPath, '--expose-gc'] })
  child.send({ name, keys, seconds })
  return new Promise((resolve, reject) => {
    child.once('message', (result) => resolve(result as EngineResult))
    child.once('exit', (code) => reject(new Error(`${name} with ${keys} keys ended with ${code}`)))
  })
}
