import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { simulatorFolder } from './credentials.ts'
import { dayMs } from './local-time.ts'
import type { SimulatorOptions } from './options.ts'
import type { Scenario } from './scenarios/scenario.ts'

/** What a simulation goes on with after a restart, so that it is the same district. Times are in ms since 1970, UTC. */
export interface RunState {
  readonly seed: number
  readonly scenario: string
  /** Where the events of the scenario begin. */
  readonly begin: number
  /** Where the records begin. */
  readonly fillFrom: number
}

/**
 * The state of the simulation in a data folder. The first start decides it; another scenario has its events from now on.
 * @throws IocError OPTION_INVALID where the folder was filled with another seed
 */
export function openRunState(options: SimulatorOptions, scenario: Scenario, now: number): RunState {
  const path = join(ensureFolder(simulatorFolder(options.dataDir)), 'state.json')
  const { demoScenario, demoSeed: seed, demoSpeed, demoFillDays } = options
  const saved = read(path)
  if (saved && saved.seed !== seed) {
    throw new IocError(
      'OPTION_INVALID',
      `${options.dataDir} holds the district of seed ${saved.seed}: use that seed, or another IOC_DATA_DIR`,
    )
  }
  if (saved?.scenario === demoScenario) return saved
  const begin = now - (demoSpeed > 1 ? scenario.course_ms : scenario.age_ms)
  const clockFrom = demoSpeed > 1 ? begin : now
  const state = { seed, scenario: demoScenario, begin, fillFrom: saved?.fillFrom ?? clockFrom - demoFillDays * dayMs }
  writeFileSync(`${path}.tmp`, `${JSON.stringify(state)}\n`)
  renameSync(`${path}.tmp`, path)
  return state
}

function read(path: string): RunState | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunState
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
