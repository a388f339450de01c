import type { SelfDeclaredType } from '@ioc/contract/device-types/self-declared.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { typeControlTopic, typesTopic } from '@ioc/contract/topics.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { readTypes } from '@ioc/runtime/types-file.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import type { MqttClient } from 'mqtt'
import { existingDataDir, misused, oneOf, print, readArguments } from './arguments.ts'
import { asCentre } from './centre-client.ts'
import type { Command } from './command.ts'
import { noteChange } from './note-change.ts'

const usage = 'type list [--json] | remove TYPE | restore TYPE'
const actions = ['list', 'remove', 'restore'] as const

/** How long the processor may take, in ms. */
const answerMs = 10_000

export const type: Command = {
  usage,
  title: 'self-declared device types: what nodes declared; removes one that is no longer used',
  help:
    '  remove takes the indicators and the board of a type away. Its history stays in the store, and nodes that go on\n' +
    '  declaring it are refused. restore brings it back as it was; its indicators are computed again from the log.\n',
  async run(args) {
    const flags = { json: { type: 'boolean', default: false } } as const
    const { positionals, values } = readArguments(args, flags, usage, ['ACTION', '[TYPE]'])
    const [word = '', id = ''] = positionals
    const action = oneOf(actions, word, 'ACTION', usage)
    const types = readTypes(existingDataDir())
    if (action === 'list') {
      if (id !== '') throw misused(`unexpected argument ${JSON.stringify(id)}`, usage)
      list(types, values.json)
      return 0
    }
    if (id === '') throw misused('TYPE is missing', usage)
    const isRemoved = action === 'restore'
    if (!types.some((one) => one.id === id && (one.removed !== undefined) === isRemoved)) {
      throw new IocError(
        'TYPE_UNKNOWN',
        `no ${isRemoved ? 'removed' : 'self-declared'} type ${id}: see "ioc type list"`,
      )
    }
    await asCentre((client) => ask(client, { [action]: id }, (present) => present.includes(id) === isRemoved))
    noteChange({ what: isRemoved ? 'type.restore' : 'type.remove', target: id })
    process.stdout.write(`type ${id} ${isRemoved ? 'restored' : 'removed'}\n`)
    return 0
  },
}

function list(types: readonly SelfDeclaredType[], json: boolean): void {
  const rows = types.map(({ id, title, owner, metrics, removed }) => [
    ...[id, title.vi, owner, String(Object.keys(metrics).length)],
    removed === undefined ? 'active' : `removed ${displayStamp(removed)}`,
  ])
  print(json, types, `${tableLines([['type', 'title', 'owner', 'metrics', 'state'], ...rows], 5).join('\n')}\n`)
}

/** Publishes a request, and waits until the types of the centre are as they then should be. */
async function ask(client: MqttClient, request: object, holds: (ids: readonly string[]) => boolean): Promise<void> {
  const done = Promise.withResolvers<void>()
  const timer = setTimeout(() => {
    const reason = 'the stream processor does not carry it out: is it running? Its log has the reason'
    done.reject(new IocError('PROCESSOR_UNREACHABLE', reason))
  }, answerMs)
  client.on('message', (topic, payload) => {
    if (topic !== typesTopic) return
    const types = JSON.parse(payload.toString()) as SelfDeclaredType[]
    if (holds(types.map(({ id }) => id))) done.resolve()
  })
  try {
    await client.subscribeAsync(typesTopic, { qos: 1 })
    await client.publishAsync(typeControlTopic, JSON.stringify(request), { qos: 1 })
    await done.promise
  } finally {
    clearTimeout(timer)
  }
}
