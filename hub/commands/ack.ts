import { IocError } from '@ioc/contract/errors.ts'
import { isActive } from '@ioc/contract/messages/incidents.ts'
import { displayTime } from '@ioc/runtime/display-time.ts'
import { countArgument, readArguments } from './arguments.ts'
import { asCentre } from './centre-client.ts'
import type { Command } from './command.ts'
import { commandUser, readWatch, sendCommand } from './watch-topics.ts'

const usage = 'ack ID [MINUTES] [--note TEXT]'
const defaultMinutes = '60'

export const ack: Command = {
  usage,
  title: 'acknowledge an incident for some minutes (60); afterwards, if it is still active, you are reminded of it',
  async run(args) {
    const { positionals, values } = readArguments(args, { note: { type: 'string' } }, usage, ['ID', '[MINUTES]'])
    const [idText = '', minutesText = defaultMinutes] = positionals
    const id = countArgument(idText, 'ID', usage)
    const until = Date.now() + countArgument(minutesText, 'MINUTES', usage) * 60_000
    await asCentre(async (client) => {
      const { incidents } = await readWatch(client)
      if (!incidents.some((one) => one.id === id && isActive(one)))
        throw new IocError('INCIDENT_UNKNOWN', `no active incident ${id}: "ioc incidents" lists those that are active`)
      await sendCommand(client, { kind: 'acknowledge', by: commandUser(), id, until, note: values.note ?? '' })
    })
    process.stdout.write(`incident ${id} acknowledged until ${displayTime(Math.floor(until / 1_000) * 1_000)}\n`)
    return 0
  },
}
