import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { parseUsername } from '@ioc/contract/topics.ts'
import { misused, readArguments } from './arguments.ts'
import type { Command } from './table.ts'

const usage = 'node add SITE NODE [--rotate] | remove SITE NODE | list'

export const node: Command = {
  usage,
  title: 'manage the credentials of nodes; changes take effect at once; --rotate replaces a password',
  async run(args) {
    const flags = { rotate: { type: 'boolean', default: false } } as const
    const { positionals, values } = readArguments(args, flags, usage, ['ACTION', '[SITE]', '[NODE]'])
    const [action, site = '', name = ''] = positionals
    if (action !== 'list' && name === '') throw misused('SITE and NODE are missing', usage)
    const store = openCredentialStore(readOptions(commonOptions, process.env).dataDir)
    const username = `${site}/${name}`
    switch (action) {
      case 'add': {
        parseUsername(username)
        const password = await store.add(username, 'node', { replace: values.rotate })
        process.stdout.write(`${JSON.stringify({ username, password })}\n`)
        return 0
      }
      case 'remove':
        store.remove(username)
        return 0
      case 'list':
        for (const { username, role, created } of store.list())
          process.stdout.write(`${username}\t${role}\t${created}\n`)
        return 0
      default:
        throw misused(`unknown action ${JSON.stringify(action)}`, usage)
    }
  },
}
