import { parseArgs } from 'node:util'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { describeIndicator } from '@ioc/stream-processor/indicators/indicator.ts'
import { domains } from '@ioc/stream-processor/indicators/table.ts'
import { sayWindow } from '@ioc/stream-processor/indicators/words.ts'
import type { Command } from './table.ts'

const head = ['id', 'title', 'unit', 'window', 'scopes']

export const indicators: Command = {
  usage: 'indicators [--json]',
  title: 'what is computed: id, title, unit, window, scopes',
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } })
    const described = domains.flatMap((domain) => domain.indicators).map(describeIndicator)
    const rows = described.map(({ id, title, unit, window, scopes, unconfirmed }) => [
      id,
      `${title.vi}${unconfirmed === undefined ? '' : ' (chưa xác nhận)'}`,
      unit,
      sayWindow(window),
      scopes.join(', '),
    ])
    const text = values.json ? JSON.stringify(described, null, 2) : tableLines([head, ...rows], head.length).join('\n')
    process.stdout.write(`${text}\n`)
    return 0
  },
}
