import { setTimeout as sleep } from 'node:timers/promises'
import { channelNames } from '@ioc/contract/district/people.ts'
import { IocError } from '@ioc/contract/errors.ts'
import type { WatchAnswer } from '@ioc/contract/messages/notifications.ts'
import { answerTopic } from '@ioc/contract/topics.ts'
import { oneOf, readArguments } from './arguments.ts'
import { asCentre } from './centre-client.ts'
import type { Command } from './command.ts'
import { commandUser, sendCommand } from './watch-topics.ts'

const usage = 'notify test PERSON CHANNEL'
/** How long the channel may take, in ms: longer than its own time-out. */
const answerMs = 30_000

export const notify: Command = {
  usage,
  title: `send a test message to a person of district/people.yaml by ${channelNames.join(', ')}`,
  async run(args) {
    const { positionals } = readArguments(args, {}, usage, ['test', 'PERSON', 'CHANNEL'])
    const [action = '', person = '', channelText = ''] = positionals
    oneOf(['test'], action, 'action', usage)
    const channel = oneOf(channelNames, channelText, 'CHANNEL', usage)
    const request = `t${Date.now().toString(36)}`
    const answer = await asCentre(async (client) => {
      const answered = new Promise<WatchAnswer>((resolve) => {
        client.on('message', (_topic, payload) => {
          const value = JSON.parse(payload.toString()) as WatchAnswer
          if (value.request === request) resolve(value)
        })
      })
      await client.subscribeAsync(answerTopic, { qos: 1 })
      await sendCommand(client, { kind: 'test_channel', by: commandUser(), person, channel, request })
      return Promise.race([answered, sleep(answerMs, undefined, { ref: false })])
    })
    if (answer?.reason === 'unknown')
      throw new IocError(
        'PERSON_UNKNOWN',
        `district/people.yaml has no contact of ${person} with the channel ${channel}`,
      )
    if (!answer?.ok)
      throw new IocError('CHANNEL_FAILED', `${channel}: ${answer?.detail ?? 'the process alerting does not answer'}`)
    process.stdout.write(`sent to ${person} by ${channel}\n`)
    return 0
  },
}
