import { type Credential, openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { parseUsername } from '@ioc/contract/topics.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { tableLines } from '@ioc/stream-processor/explain/text.ts'
import { existingDataDir, misused, oneOf, print, readArguments } from './arguments.ts'
import { noteChange } from './note-change.ts'
import type { Command } from './table.ts'

const usage = 'node add SITE NODE [--rotate] | remove SITE NODE | list [--json]'
const actions = ['add', 'remove', 'list'] as const

const flag = { type: 'boolean', default: false } as const

export const node: Command = {
  usage,
  title: 'manage the credentials of nodes; changes take effect at once; --rotate replaces a password',
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
      case 'remove':
        store.remove(username)
        noteChange({ what: 'node.remove', target: username })
        process.stdout.write(`credential of ${username} removed\n`)
        return 0
      case 'list':
        list(store.list(), values.json)
        return 0
    }
  },
}

function list(credentials: readonly Credential[], json: boolean): void {
  const listed = credentials.map(({ username, role, created }) => ({ username, role, created }))
  const rows = listed.map(({ username, role, created }) => [username, role, displayStamp(Date.parse(created))])
  print(json, listed, `${tableLines([['username', 'role', 'created'], ...rows], 3).join('\n')}\n`)
}
