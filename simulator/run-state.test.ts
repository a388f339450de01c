import { readOptions } from '@ioc/contract/options.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { expect, test } from 'vitest'
import { simulatorOptions } from './options.ts'
import { openRunState } from './run-state.ts'
import { scenarios } from './scenarios/table.ts'

const dayMs = 86_400_000
const now = 1_000 * dayMs

const open = (dataDir: string, settings: NodeJS.ProcessEnv, at = now) => {
  const options = readOptions(simulatorOptions, { IOC_DATA_DIR: dataDir, ...settings })
  return openRunState(options, scenarios[options.demoScenario as keyof typeof scenarios], at)
}

test('at speed 1 a scenario has been on for its age, and the past begins before now', () => {
  const state = open(testFolder(), { IOC_DEMO_SCENARIO: 'flu_outbreak', IOC_DEMO_FILL_DAYS: '10' })
  expect(state).toMatchObject({ begin: now - scenarios.flu_outbreak.age_ms, fillFrom: now - 10 * dayMs })
})

test('faster, a scenario begins as long ago as it lasts, and the past before it', () => {
  const state = open(testFolder(), { IOC_DEMO_SCENARIO: 'flood', IOC_DEMO_SPEED: '60', IOC_DEMO_FILL_DAYS: '10' })
  expect(state).toMatchObject({ begin: now - 9 * dayMs, fillFrom: now - 19 * dayMs })
})

test('a restart goes on with the same events; another scenario begins now, in the same past', () => {
  const folder = testFolder()
  const first = open(folder, {})
  expect(open(folder, { IOC_DEMO_FILL_DAYS: '3', IOC_DEMO_SPEED: '9' }, now + dayMs)).toEqual(first)
  const other = open(folder, { IOC_DEMO_SCENARIO: 'power_cut' }, now + 2 * dayMs)
  expect(other).toEqual({ ...first, scenario: 'power_cut', begin: now + 2 * dayMs })
})

test('a folder keeps its seed', () => {
  const folder = testFolder()
  open(folder, { IOC_DEMO_SEED: '7' })
  expect(() => open(folder, { IOC_DEMO_SEED: '8' })).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining('seed 7') }),
  )
})
