import { isActive } from '@ioc/contract/messages/incidents.ts'
import { displayTime } from '@ioc/runtime/display-time.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { print, readArguments } from './arguments.ts'
import { asCentre } from './centre-client.ts'
import type { Command } from './command.ts'
import { readWatch } from './watch-topics.ts'

const usage = 'incidents [--all] [--json]'
const head = ['id', 'state', 'severity', 'began', 'title', 'cause', 'affected', 'acknowledged by']

export const incidents: Command = {
  usage,
  title: 'list the incidents that are open or acknowledged; with --all also those that ended',
  async run(args) {
    const options = { all: { type: 'boolean' }, json: { type: 'boolean' } } as const
    const { values } = readArguments(args, options, usage)
    const known = await asCentre(async (client) => (await readWatch(client)).incidents)
    const listed = known.filter((incident) => values.all || isActive(incident))
    const rows = listed.map((one) => [
      ...[String(one.id), one.state, one.severity, displayTime(one.began), one.title.vi, one.cause],
      ...[String(one.affected_count), one.acknowledged?.by ?? ''],
    ])
    const text = listed.length === 0 ? 'no incidents\n' : `${tableLines([head, ...rows], head.length).join('\n')}\n`
    print(values.json ?? false, { incidents: listed }, text)
    return 0
  },
}
