import { type CredentialStore, openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { listNodes } from '@ioc/broker/credentials/nodes.ts'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { parseUsername } from '@ioc/contract/topics.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { existingDataDir, misused, oneOf, print, readArguments } from './arguments.ts'
import { noteChange } from './note-change.ts'
import type { Command } from './table.ts'

const usage = 'node add SITE NODE [--rotate] | rotate SITE NODE | remove SITE NODE | list [--json]'
const actions = ['add', 'rotate', 'remove', 'list'] as const

const flag = { type: 'boolean', default: false } as const

export const node: Command = {
  usage,
  title: 'manage the credentials of nodes; changes take effect at once; --rotate replaces a password',
  help:
    '  rotate prints a new password. The present one stays valid until the new one is first used.\n' +
    '  list shows each node as pending (never connected), active or revoked.\n',
  async run(args) {
    const flags = { rotate: flag, json: flag } as const
    const { positionals, values } = readArguments(args, flags, usage, ['ACTION', '[SITE]', '[NODE]'])
    const [word = '', site = '', name = ''] = positionals
    const action = oneOf(actions, word, 'ACTION', usage)
    if (action !== 'list' && name === '') throw misused('SITE and NODE are missing', usage)
    if (action === 'list' && site !== '') throw misused(`unexpected argument ${JSON.stringify(site)}`, usage)
    const store = openCredentialStore(
      action === 'add' ? readOptions(commonOptions, process.env).dataDir : existingDataDir(),
    )
    const username = `${site}/${name}`
    switch (action) {
      case 'add': {
        parseUsername(username)
        const password = await store.add(username, 'node', { replace: values.rotate })
        noteChange({ what: 'node.add', target: username })
        process.stdout.write(`${JSON.stringify({ username, password })}\n`)
        return 0
      }
      case 'rotate': {
        const password = store.rotate(username)
        noteChange({ what: 'node.rotate', target: username })
        process.stdout.write(`${JSON.stringify({ username, password })}\n`)
        return 0
      }
      case 'remove':
        store.remove(username)
        noteChange({ what: 'node.remove', target: username })
        process.stdout.write(`credential of ${username} removed\n`)
        return 0
      case 'list':
        list(store, values.json)
        return 0
      default:
        return action satisfies never
    }
  },
}

/** Users of the broker, with the state of those that are nodes; revoked nodes follow. */
function list(store: CredentialStore, json: boolean): void {
  const nodes = new Map(listNodes(store).map((one) => [`${one.site}/${one.node}`, one]))
  const users = store.list().map(({ username, role, created }) => {
    const { state = 'active', clone_suspected = null } = nodes.get(username) ?? {}
    nodes.delete(username)
    return { username, role, created, state, clone_suspected }
  })
  const revoked = [...nodes].map(([username, { created, state, clone_suspected }]) => {
    return { username, role: 'node' as const, created: new Date(created).toISOString(), state, clone_suspected }
  })
  const listed = [...users, ...revoked]
  const rows = listed.map(({ username, role, created, state, clone_suspected }) => [
    ...[username, role, displayStamp(Date.parse(created))],
    clone_suspected === null ? state : `${state}, clone suspected`,
  ])
  print(json, listed, `${tableLines([['username', 'role', 'created', 'state'], ...rows], 4).join('\n')}\n`)
}
