import { IocError } from '@ioc/contract/errors.ts'
import type { LiveRota } from '@ioc/contract/messages/notifications.ts'
import { rotaTopic } from '@ioc/contract/topics.ts'
import { displayTime } from '@ioc/runtime/display-time.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import type { MqttClient } from 'mqtt'
import { misused, oneOf, print, readArguments, timeArgument } from './arguments.ts'
import { asCentre, readRetained } from './centre-client.ts'
import type { Command } from './command.ts'
import { commandUser, sendCommand } from './watch-topics.ts'

const usage = 'rota [override ROTA PERSON FROM TO | end ID] [--json]'
const help = `  Without arguments: who is on call now, and when nobody is in the next 14 days.
  PERSON is an id of district/people.yaml, or "none". "override" prints the ID with which "end" ends it.
`

export const rota: Command = {
  usage,
  title: 'list who is on call and when nobody is, or replace somebody for some time',
  help,
  async run(args) {
    const names = ['[override|end]', '[ROTA|ID]', '[PERSON]', '[FROM]', '[TO]']
    const { positionals, values } = readArguments(args, { json: { type: 'boolean' } }, usage, names)
    const [name, of = '', person = '', from = '', to = ''] = positionals
    if (name === undefined) {
      await list(values.json ?? false)
      return 0
    }
    if (of === '') throw misused('an argument is missing', usage)
    const by = commandUser()
    if (oneOf(['override', 'end'], name, 'action', usage) === 'end') {
      await asCentre((client) => sendCommand(client, { kind: 'end_override', by, id: of }))
      return 0
    }
    const id = `o${Date.now().toString(36)}`
    const times = { from: timeArgument(from, 'FROM', usage), to: timeArgument(to, 'TO', usage) }
    await asCentre(async (client) => {
      const { rotas, people } = await readRota(client)
      const isKnown = person === 'none' || people.some((one) => one.id === person)
      if (!isKnown || !rotas.some((one) => one.id === of))
        throw new IocError('PERSON_UNKNOWN', `no rota ${of} or no person ${person} in district/people.yaml`)
      const override = { id, rota: of, person: person === 'none' ? null : person, ...times }
      await sendCommand(client, { kind: 'override', by, override })
    })
    process.stdout.write(`${id}\n`)
    return 0
  },
}

async function readRota(client: MqttClient): Promise<LiveRota> {
  const { messages } = await readRetained(client, [rotaTopic])
  const rota = messages.get(rotaTopic)
  return rota === undefined
    ? { ts: 0, rotas: [], overrides: [], people: [], push_key: '' }
    : (JSON.parse(rota) as LiveRota)
}

async function list(json: boolean): Promise<void> {
  const known = await asCentre(readRota)
  const nameOf = (id: string | null) => known.people.find((one) => one.id === id)?.name ?? id ?? 'nobody'
  const minute = (at: number) => displayTime(Math.floor(at / 60_000) * 60_000).slice(0, 16)
  const rows = known.rotas.map(({ id, name, on_call, shifts, gaps }) => [
    ...[id, name, nameOf(on_call), shifts[0] ? minute(shifts[0].to) : ''],
    gaps.map(({ from, to }) => `${minute(from)} to ${minute(to)}`).join(', '),
  ])
  const head = ['rota', 'name', 'on call', 'until', 'nobody']
  const text = rows.length === 0 ? 'no rotas\n' : `${tableLines([head, ...rows], head.length).join('\n')}\n`
  print(json, known, text)
}
