import { alertingOptions } from '@ioc/alerting/options.ts'
import { brokerOptions } from '@ioc/broker/options.ts'
import { cameraBridgeOptions } from '@ioc/camera-bridge/options.ts'
import { commonOptions, httpPortOption, mqttPortOption, storeOptions } from '@ioc/contract/common-options.ts'
import { isIocError } from '@ioc/contract/errors.ts'
import { environmentName, type OptionSchema, optionSchema, readOptions } from '@ioc/contract/options.ts'
import { agentOptions } from '@ioc/edge-agent/options.ts'
import { simulatorOptions } from '@ioc/simulator/options.ts'
import { embeddedOptions } from '@ioc/storage/backends/embedded/options.ts'
import { backendOptions } from '@ioc/storage/backends/table.ts'
import { processorOptions } from '@ioc/stream-processor/options.ts'
import { wallOptions } from '@ioc/wall/server/options.ts'
import { closest } from './closest.ts'

export const startOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
  ...httpPortOption,
  storagePort: storeOptions.storagePort,
  influxUrl: storeOptions.influxUrl,
  cameraDataDir: cameraBridgeOptions.cameraDataDir,
  processes: {
    type: 'string',
    default: '',
    title: 'Processes to run, separated by commas; empty: all',
  },
})

/** Every setting, under who reads it. */
export const schemas: Readonly<Record<string, OptionSchema>> = {
  'every process': { ...commonOptions, ...mqttPortOption, ...httpPortOption, ...storeOptions },
  'ioc start': startOptions,
  broker: brokerOptions,
  'stream-processor': processorOptions,
  alerting: alertingOptions,
  storage: { ...backendOptions, ...embeddedOptions },
  wall: wallOptions,
  'edge-agent': agentOptions,
  'camera-bridge': cameraBridgeOptions,
  'ioc demo': simulatorOptions,
}

/** What tests, benchmarks and Grafana's provisioning read beside the settings. */
const elsewhere = /^IOC_(TEST|BENCH|CHAOS|HOSTILE|SOAK|FUZZ|REQUIRE|PROPERTY|GRAFANA)_/

export interface UnknownSetting {
  readonly name: string
  /** The setting whose name is nearly the same. */
  readonly meant: string | undefined
}

/** Variables that begin as settings do, and are none: mistyped, or of another version. */
export function unknownSettings(environment: NodeJS.ProcessEnv): UnknownSetting[] {
  const known = new Set(Object.values(schemas).flatMap((schema) => Object.keys(schema).map(environmentName)))
  return Object.keys(environment)
    .filter((name) => name.startsWith('IOC_') && !known.has(name) && !elsewhere.test(name))
    .map((name) => ({ name, meant: closest(name, known) }))
}

export function describeUnknown({ name, meant }: UnknownSetting): string {
  return `unknown setting ${name}${meant === undefined ? ': it has no effect' : `, did you mean ${meant}?`}`
}

/** What is wrong with the values of settings: a line for each. */
export function invalidSettings(environment: NodeJS.ProcessEnv): readonly string[] {
  const reasons = Object.values(schemas).flatMap((schema) =>
    Object.entries(schema).flatMap(([key, option]) => invalidOption(() => readOptions({ [key]: option }, environment))),
  )
  // Several processes read the same settings.
  return [...new Set(reasons)]
}

/** What reading a setting finds wrong with it, if anything. */
export function invalidOption(read: () => unknown): readonly string[] {
  try {
    read()
    return []
  } catch (error) {
    if (isIocError(error, 'OPTION_INVALID')) return [error.message]
    throw error
  }
}
