import { join } from 'node:path'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { openDeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import { countArgument, readArguments } from './arguments.ts'
import type { Command } from './table.ts'

const usage = 'dead-letters [LIMIT] [--json]'
const defaultLimit = 20

export const deadLetters: Command = {
  usage,
  title: 'what was acknowledged but cannot be stored, and why; the newest first, a JSON object a line',
  async run(args) {
    // It prints JSON either way: what a letter holds is the message that a device sent.
    const { positionals } = readArguments(args, { json: { type: 'boolean', default: false } }, usage, ['[LIMIT]'])
    const [limit] = positionals
    const most = limit === undefined ? defaultLimit : countArgument(limit, 'LIMIT', usage)
    const letters = openDeadLetters(
      join(readOptions(commonOptions, process.env).dataDir, 'dead-letters'),
      Number.MAX_SAFE_INTEGER,
    )
    for (const { payload, arrival, ...letter } of letters.list(most)) {
      const text = Buffer.from(payload).toString()
      process.stdout.write(
        `${JSON.stringify({ arrival: new Date(arrival).toISOString(), ...letter, payload: text })}\n`,
      )
    }
    await letters.stop()
    return 0
  },
}
