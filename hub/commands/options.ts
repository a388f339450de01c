import { environmentName, type Option } from '@ioc/contract/options.ts'
import { schemas } from '../settings.ts'
import { print, readArguments } from './arguments.ts'
import type { Command } from './command.ts'

const usage = 'options [--json]'

interface Setting {
  readonly owner: string
  readonly name: string
  readonly option: Option
}

export const options: Command = {
  usage,
  title: 'list all settings with defaults and descriptions',
  async run(args) {
    const { json } = readArguments(args, { json: { type: 'boolean', default: false } }, usage).values
    const settings = allSettings()
    const document = settings.map(({ owner, name, option }) => ({ name, owner, ...option }))
    print(json, document, settings.map(settingLine).join(''))
    return 0
  },
}

/** Each under the first that reads it. */
function allSettings(): Setting[] {
  const found = new Map<string, Setting>()
  for (const [owner, schema] of Object.entries(schemas)) {
    for (const [key, option] of Object.entries(schema)) {
      const name = environmentName(key)
      if (!found.has(name)) found.set(name, { owner, name, option })
    }
  }
  return [...found.values()]
}

function settingLine({ owner, name, option }: Setting, index: number, all: readonly Setting[]): string {
  const head = owner === all[index - 1]?.owner ? '' : `\n${owner}\n`
  return `${head}  ${name.padEnd(36)} ${defaultOf(option).padEnd(20)} ${option.title}\n`
}

function defaultOf(option: Option): string {
  return option.default === '' ? '-' : `${option.default}${option.unit ? ` ${option.unit}` : ''}`
}
