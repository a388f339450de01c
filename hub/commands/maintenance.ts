import { displayTime } from '@ioc/runtime/display-time.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { countArgument, misused, oneOf, print, readArguments } from './arguments.ts'
import { asCentre } from './centre-client.ts'
import type { Command } from './command.ts'
import { commandUser, readWatch, sendCommand } from './watch-topics.ts'

const usage = 'maintenance list | add MINUTES --reason TEXT [--site S] [--device S/D] [--area A] [--tag T] | end ID'
const help = `  Each of --site, --device, --area and --tag may be repeated; "add" prints the ID of the window.
  Meanwhile no incident is opened of what it covers. Problems that last until its end open one then.
`
const head = ['id', 'active', 'until', 'by', 'reason', 'covers']
const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const options = {
  site: texts,
  device: texts,
  area: texts,
  tag: texts,
  reason: text,
  json: { type: 'boolean' },
} as const

export const maintenance: Command = {
  usage,
  title: 'list, add or end maintenance windows',
  help,
  async run(args) {
    const { positionals, values } = readArguments(args, options, usage, ['list|add|end', '[MINUTES|ID]'])
    const [name = '', of = ''] = positionals
    const action = oneOf(['list', 'add', 'end'], name, 'action', usage)
    switch (action) {
      case 'list':
        await list(values.json ?? false)
        return 0
      case 'end':
        if (of === '') throw misused('ID is missing', usage)
        await asCentre((client) => sendCommand(client, { kind: 'end_maintenance', by: commandUser(), id: of }))
        return 0
      case 'add':
        await add(countArgument(of, 'MINUTES', usage), values)
        return 0
    }
  },
}

interface Chosen {
  readonly site?: string[]
  readonly device?: string[]
  readonly area?: string[]
  readonly tag?: string[]
  readonly reason?: string
}

async function add(minutes: number, { site, device, area, tag, reason }: Chosen): Promise<void> {
  if (!reason) throw misused('--reason is missing', usage)
  const covers = {
    ...(site ? { sites: site } : {}),
    ...(device ? { devices: device } : {}),
    ...(area ? { areas: area } : {}),
    ...(tag ? { tags: tag } : {}),
  }
  if (Object.keys(covers).length === 0) throw misused('one of --site, --device, --area, --tag is missing', usage)
  const from = Date.now()
  const [id, by] = [`w${from.toString(36)}`, commandUser()]
  const window = { id, reason, by, covers, from, to: from + minutes * 60_000 }
  await asCentre((client) => sendCommand(client, { kind: 'maintain', by, window }))
  process.stdout.write(`${id}\n`)
}

async function list(json: boolean): Promise<void> {
  const windows = await asCentre(async (client) => (await readWatch(client)).windows)
  const rows = windows.map(({ id, active, to, by, reason, covers }) => [
    ...[id, active ? 'yes' : 'no', displayTime(to), by, reason],
    Object.values(covers).flat().join(' '),
  ])
  const shown =
    rows.length === 0 ? 'no maintenance windows\n' : `${tableLines([head, ...rows], head.length).join('\n')}\n`
  print(json, { windows }, shown)
}
