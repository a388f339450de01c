import { readOptions } from '@ioc/contract/options.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { wallOptions } from '@ioc/wall/server/options.ts'
import { releasedVersions } from '@ioc/wall/server/rollout/releases.ts'
import { type Rollout, RolloutStore } from '@ioc/wall/server/rollout/rollout-store.ts'
import { existingDataDir, misused, oneOf, print, readArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { noteChange } from './note-change.ts'
import { commandUser } from './watch-topics.ts'

const usage =
  'agent rollout start VERSION [--now] [--rings 1,5%,25%,100%] [--hold HOURS] [--max-reverted PERCENT] | status | pause | resume | cancel [--json]'
const actions = ['start', 'status', 'pause', 'resume', 'cancel'] as const

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const flags = { now: flag, json: flag, rings: text, hold: text, 'max-reverted': text } as const

export const agent: Command = {
  usage,
  title: 'roll out a version of the agent to the nodes: first to one, then ring after ring',
  help:
    '  start begins a roll-out of a version that "npm run agent:bundle" built. Nodes update at night; --now does not wait.\n' +
    '  The next ring begins after the hold (24 hours), while less than 2 % of the nodes have reverted; otherwise it pauses.\n' +
    '  resume accepts the nodes that have reverted so far. cancel withdraws the version from nodes that do not run it yet.\n',
  async run(args) {
    const { positionals, values } = readArguments(args, flags, usage, ['rollout', 'ACTION', '[VERSION]'])
    const [what = '', word = '', version] = positionals
    oneOf(['rollout'], what, 'The first argument', usage)
    const action = oneOf(actions, word, 'ACTION', usage)
    if (action === 'start' && version === undefined) throw misused('VERSION is missing', usage)
    if (action !== 'start' && version !== undefined) {
      throw misused(`unexpected argument ${JSON.stringify(version)}`, usage)
    }
    const store = new RolloutStore(existingDataDir())
    const by = commandUser()
    switch (action) {
      case 'start': {
        const request = {
          version: version ?? '',
          start: values.now ? 'now' : 'window',
          ...(values.rings === undefined ? {} : { rings: values.rings.split(',') }),
          ...number('hold_h', values.hold, '--hold'),
          ...number('max_reverted_percent', values['max-reverted'], '--max-reverted'),
        } as const
        const order = store.start(
          request,
          releasedVersions(readOptions(wallOptions, process.env).agentBundles),
          by,
          Date.now(),
        )
        noteChange({ what: 'rollout.start', target: order.id, detail: { version: order.version } })
        print(values.json, order, `roll-out ${order.id} started; "ioc agent rollout status" shows how far it is\n`)
        return 0
      }
      case 'status': {
        const rollouts = store.list()
        print(values.json, rollouts, statusText(rollouts[0]))
        return 0
      }
      case 'pause':
      case 'resume':
      case 'cancel': {
        const { id } = store.decide(action === 'resume' ? 'run' : action, by, Date.now())
        noteChange({ what: `rollout.${action}`, target: id })
        process.stdout.write(`roll-out ${id}: ${action}\n`)
        return 0
      }
      default:
        return action satisfies never
    }
  },
}

/** @throws IocError USAGE_INVALID */
function number<K extends string>(key: K, value: string | undefined, name: string): Partial<Record<K, number>> {
  if (value === undefined) return {}
  if (!/^\d+(\.\d+)?$/.test(value)) throw misused(`${name} must be a number, got ${JSON.stringify(value)}`, usage)
  return { [key]: Number(value) } as Record<K, number>
}

function statusText(rollout: Rollout | undefined): string {
  if (!rollout) return 'no roll-out yet; "ioc agent rollout start VERSION" begins one\n'
  const { order, progress, state } = rollout
  const { ring = -1, paused, nodes = {} } = progress ?? {}
  const why = state === 'paused' && paused ? ` (${paused.reverted} of ${paused.of} nodes reverted)` : ''
  const rows = Object.entries(nodes)
    .sort(([a, { ring: left }], [b, { ring: right }]) => left - right || (a < b ? -1 : 1))
    .map(([name, one]) => [name, order.rings[one.ring] ?? '', one.state, one.reason ?? ''])
  return [
    `${order.id}: ${state}${why}`,
    `version ${order.version}, begun ${displayStamp(order.began)} by ${order.by}`,
    `ring ${ring + 1} of ${order.rings.length} (${order.rings.join(', ')}), ${order.hold_h} h between rings`,
    ...tableLines([['node', 'ring', 'state', 'reason'], ...rows], 4),
    '',
  ].join('\n')
}
