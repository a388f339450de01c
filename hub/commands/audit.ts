import { AuditLog } from '@ioc/accounts/audit-log.ts'
import { escapeControls } from '@ioc/runtime/control-characters.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { countArgument, existingDataDir, print, readArguments } from './arguments.ts'
import type { Command } from './command.ts'

const usage = 'audit [--last COUNT] [--who NAME] [--what ACTION] [--json]'
const defaultCount = '50'

export const audit: Command = {
  usage,
  title: 'list what people changed: who, what, when, from where; the newest last',
  async run(args) {
    const flags = {
      last: { type: 'string', default: defaultCount },
      who: { type: 'string' },
      what: { type: 'string' },
      json: { type: 'boolean', default: false },
    } as const
    const { last, who, what, json } = readArguments(args, flags, usage).values
    const count = countArgument(last, '--last', usage)
    const entries = new AuditLog(existingDataDir()).read(
      count,
      (entry) => (who === undefined || entry.who === who) && (what === undefined || entry.what.startsWith(what)),
    )
    const rows = entries.map((entry) =>
      [
        displayStamp(entry.at),
        entry.who,
        entry.what,
        entry.target ?? '',
        entry.from,
        entry.detail ? JSON.stringify(entry.detail) : '',
      ].map(escapeControls),
    )
    print(
      json,
      entries,
      `${tableLines([['time', 'who', 'what', 'target', 'from', 'detail'], ...rows], 6).join('\n')}\n`,
    )
    return 0
  },
}
