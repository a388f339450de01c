import { commonOptions, districtOptions, mqttPortOption } from '@ioc/contract/common-options.ts'
import { type Options, optionSchema } from '@ioc/contract/options.ts'
import { scenarioNames } from './scenarios/table.ts'

/** What is simulated, as `ioc demo` takes it. */
export const demoOptions = optionSchema({
  demoScenario: { type: 'string', default: 'normal', enum: scenarioNames, title: 'Scenario that is simulated' },
  demoSpeed: {
    type: 'number',
    default: 1,
    minimum: 1,
    maximum: 100_000,
    title: 'Speed of the simulated clock; above 1 the scenario begins in the past and catches up with the present',
  },
  demoSeed: {
    type: 'integer',
    default: 1,
    minimum: 0,
    maximum: 2_147_483_647,
    title: 'Seed of the simulated district; the same seed gives the same values',
  },
  demoFillDays: {
    type: 'number',
    default: 30,
    minimum: 0,
    maximum: 360,
    unit: 'd',
    title: 'Days before the start that are filled in first',
  },
  demoModels: {
    type: 'string',
    default: '',
    title: 'Module that exports the models; by default simulator/models/table.ts',
  },
})

/** Every setting of the simulator. */
export const simulatorOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
  ...districtOptions,
  ...demoOptions,
})

export type SimulatorOptions = Options<typeof simulatorOptions>
