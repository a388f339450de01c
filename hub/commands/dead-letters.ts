import { join } from 'node:path'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { openDeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import type { Command } from './table.ts'

const defaultLimit = 20

export const deadLetters: Command = {
  usage: 'dead-letters [how many]',
  title: 'what was acknowledged but cannot be stored, and why; the newest first',
  async run([limit]) {
    const letters = openDeadLetters(
      join(readOptions(commonOptions, process.env).dataDir, 'dead-letters'),
      Number.MAX_SAFE_INTEGER,
    )
    for (const { payload, arrival, ...letter } of letters.list(Number(limit) || defaultLimit)) {
      const text = Buffer.from(payload).toString()
      process.stdout.write(
        `${JSON.stringify({ arrival: new Date(arrival).toISOString(), ...letter, payload: text })}\n`,
      )
    }
    await letters.stop()
    return 0
  },
}
