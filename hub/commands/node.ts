import { type CredentialStore, openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { listNodes } from '@ioc/broker/credentials/nodes.ts'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { isExpired } from '@ioc/contract/credential-expiry.ts'
import { logLevels, maxLogLines } from '@ioc/contract/messages/node-command.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { parseUsername } from '@ioc/contract/topics.ts'
import { DesiredConfigs } from '@ioc/edge-agent/desired/config-store.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import {
  countArgument,
  existingDataDir,
  expiryArgument,
  expiryText,
  misused,
  oneOf,
  print,
  readArguments,
} from './arguments.ts'
import type { Command } from './command.ts'
import { noteChange } from './note-change.ts'

const usage =
  'node add SITE NODE [--rotate] [--expires 90d] | rotate SITE NODE [--send] [--expires 90d] | remove SITE NODE | list [--json] | config SITE/NODE [show|set FILE|diff [REVISION]|rollback REVISION|history] | collect SITE NODE | logs SITE NODE [--lines N] [--level LEVEL]'
const actions = ['add', 'rotate', 'remove', 'list', 'config', 'collect', 'logs'] as const

const flag = { type: 'boolean', default: false } as const

export const node: Command = {
  usage,
  title: 'manage the credentials of nodes, and configure their agents; changes take effect at once',
  help:
    '  rotate prints a new password. The present one stays valid until the new one is first used.\n' +
    '  With --send the agent gets it, sealed, and keeps it once the broker has accepted it.\n' +
    '  --expires ends the credential after a span or at a time; rotate sets another end, or none with "never".\n' +
    '  list shows each node as pending (never connected), active, expired or revoked.\n' +
    '  config shows, sets (YAML or JSON, - for standard input), compares and rolls back what an agent is configured to do.\n' +
    '  The agent tries a configuration, and returns to the one before if it does not work. Secrets are sealed to the node.\n',
  async run(args) {
    const flags = {
      ...{ rotate: flag, json: flag, send: flag },
      expires: { type: 'string' },
      lines: { type: 'string', default: '200' },
      level: { type: 'string', default: 'info' },
    } as const
    const { positionals, values } = readArguments(args, flags, usage, ['ACTION', '[SITE]', '[NODE]', '[SUBJECT]'])
    const [word = '', site = '', name = '', subject] = positionals
    const action = oneOf(actions, word, 'ACTION', usage)
    if (action === 'config') {
      const { nodeConfig } = await import('./node-config.ts')
      return nodeConfig(positionals.slice(1), values.json, usage)
    }
    if (subject !== undefined) throw misused(`unexpected argument ${JSON.stringify(subject)}`, usage)
    if (action !== 'list' && name === '') throw misused('SITE and NODE are missing', usage)
    if (action === 'list' && site !== '') throw misused(`unexpected argument ${JSON.stringify(site)}`, usage)
    const store = openCredentialStore(
      action === 'add' ? readOptions(commonOptions, process.env).dataDir : existingDataDir(),
    )
    const username = `${site}/${name}`
    const expires = values.expires === undefined ? undefined : expiryArgument(values.expires, Date.now(), usage)
    if (expires !== undefined && action !== 'add' && action !== 'rotate')
      throw misused('--expires is for add and rotate', usage)
    const detail = expires === undefined ? {} : { detail: { expires: expires ?? 'never' } }
    switch (action) {
      case 'add': {
        parseUsername(username)
        const password = await store.add(username, 'node', { replace: values.rotate, expires: expires ?? null })
        noteChange({ what: 'node.add', target: username, ...detail })
        process.stdout.write(`${JSON.stringify({ username, password })}\n`)
        return 0
      }
      case 'rotate': {
        requireRotatable(store, username, expires)
        if (values.send) {
          const { rotateByCommand } = await import('./node-config.ts')
          await rotateByCommand(parseUsername(username), () => store.rotate(username, expires))
          noteChange({ what: 'node.rotate', target: username, ...detail })
          process.stdout.write(`new password sent to ${username}\n`)
          return 0
        }
        const password = store.rotate(username, expires)
        noteChange({ what: 'node.rotate', target: username, ...detail })
        process.stdout.write(`${JSON.stringify({ username, password })}\n`)
        return 0
      }
      case 'remove':
        store.remove(username)
        new DesiredConfigs(existingDataDir()).remove(parseUsername(username))
        noteChange({ what: 'node.remove', target: username })
        process.stdout.write(`credential of ${username} removed\n`)
        return 0
      case 'list':
        list(store, values.json)
        return 0
      case 'collect':
      case 'logs': {
        const { nodeCommand } = await import('./node-config.ts')
        const level = oneOf(logLevels, values.level, '--level', usage)
        const lines = countArgument(values.lines, '--lines', usage)
        if (lines > maxLogLines) throw misused(`--lines must be at most ${maxLogLines}`, usage)
        return nodeCommand(
          parseUsername(username),
          action === 'logs' ? { command: action, lines, level } : { command: action },
        )
      }
      default:
        return action satisfies never
    }
  },
}

/** @throws IocError USAGE_INVALID where the new password would have expired as well */
function requireRotatable(store: CredentialStore, username: string, expires: number | null | undefined): void {
  if (expires !== undefined) return
  const { expires: end } = store.find(username) ?? { expires: null }
  if (isExpired({ expires: end }, Date.now()))
    throw misused(`the credential of ${username} has expired: pass --expires with a new end, or "never"`, usage)
}

/** Users of the broker, with the state of those that are nodes; revoked nodes follow. */
function list(store: CredentialStore, json: boolean): void {
  const nodes = new Map(listNodes(store, Date.now()).map((one) => [`${one.site}/${one.node}`, one]))
  const users = store.list().map(({ username, role, created, expires }) => {
    const { state = 'active', clone_suspected = null } = nodes.get(username) ?? {}
    nodes.delete(username)
    return { username, role, created, expires, state, clone_suspected }
  })
  const revoked = [...nodes].map(([username, { created, expires, state, clone_suspected }]) => {
    const stamp = new Date(created).toISOString()
    return { username, role: 'node' as const, created: stamp, expires, state, clone_suspected }
  })
  const listed = [...users, ...revoked]
  const rows = listed.map(({ username, role, created, expires, state, clone_suspected }) => [
    ...[username, role, displayStamp(Date.parse(created)), expiryText(expires)],
    clone_suspected === null ? state : `${state}, clone suspected`,
  ])
  const titles = ['username', 'role', 'created', 'expires', 'state']
  print(json, listed, `${tableLines([titles, ...rows], titles.length).join('\n')}\n`)
}
