import { districtOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { describeIndicator } from '@ioc/stream-processor/indicators/indicator.ts'
import { domainsOf, referencesOf } from '@ioc/stream-processor/indicators/table.ts'
import { sayWindow } from '@ioc/stream-processor/indicators/words.ts'
import { print, readArguments } from './arguments.ts'
import type { Command } from './command.ts'

const usage = 'indicators [--json]'
const head = ['id', 'title', 'unit', 'window', 'scopes']

export const indicators: Command = {
  usage,
  title: 'list the indicators: id, title, unit, window, scopes',
  async run(args) {
    const { json } = readArguments(args, { json: { type: 'boolean', default: false } }, usage).values
    const options = readOptions(districtOptions, process.env)
    const logger = createLogger('indicators', { logLevel: 'silent' })
    const { parameters } = loadDistrict(options, Date.now(), logger, referencesOf)
    const described = domainsOf(parameters)
      .flatMap((domain) => domain.indicators)
      .map(describeIndicator)
    const rows = described.map(({ id, title, unit, window, scopes, unconfirmed }) => [
      id,
      `${title.vi}${unconfirmed === undefined ? '' : ' (chưa xác nhận)'}`,
      unit,
      sayWindow(window).en,
      scopes.join(', '),
    ])
    print(json, described, `${tableLines([head, ...rows], head.length).join('\n')}\n`)
    return 0
  },
}
