import { brokerOptions } from '@ioc/broker/options.ts'
import { commonOptions, httpPortOption, mqttPortOption, storeOptions } from '@ioc/contract/common-options.ts'
import { environmentName, type Option, type OptionSchema } from '@ioc/contract/options.ts'
import { agentOptions } from '@ioc/edge-agent/options.ts'
import { embeddedOptions } from '@ioc/storage/backends/embedded/options.ts'
import { processorOptions } from '@ioc/stream-processor/options.ts'
import { wallOptions } from '@ioc/wall/server/options.ts'
import { startOptions } from './start.ts'
import type { Command } from './table.ts'

const schemas: Readonly<Record<string, OptionSchema>> = {
  'every process': { ...commonOptions, ...mqttPortOption, ...httpPortOption, ...storeOptions },
  'ioc start': startOptions,
  broker: brokerOptions,
  'stream-processor': processorOptions,
  storage: embeddedOptions,
  wall: wallOptions,
  'edge-agent': agentOptions,
}

export const options: Command = {
  usage: 'options',
  title: 'every setting, with its default and what it is for',
  async run() {
    const shown = new Set<string>()
    for (const [owner, schema] of Object.entries(schemas)) {
      process.stdout.write(`\n${owner}\n`)
      for (const [key, option] of Object.entries(schema)) {
        if (shown.has(key)) continue
        shown.add(key)
        process.stdout.write(`  ${environmentName(key).padEnd(36)} ${defaultOf(option).padEnd(20)} ${option.title}\n`)
      }
    }
    return 0
  },
}

function defaultOf(option: Option): string {
  return option.default === '' ? '-' : `${option.default}${option.unit ? ` ${option.unit}` : ''}`
}
