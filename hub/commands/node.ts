import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { commonOptions } from '@ioc/contract/common-options.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { parseUsername } from '@ioc/contract/topics.ts'
import type { Command } from './table.ts'

export const node: Command = {
  usage: 'node add|list|remove [site node]',
  title: 'credentials of nodes; they take effect at once',
  async run([action, site = '', name = '']) {
    const store = openCredentialStore(readOptions(commonOptions, process.env).dataDir)
    switch (action) {
      case 'add': {
        const username = `${site}/${name}`
        parseUsername(username)
        const password = await store.add(username, 'node')
        process.stdout.write(`${JSON.stringify({ username, password })}\n`)
        return 0
      }
      case 'remove':
        store.remove(`${site}/${name}`)
        return 0
      case 'list':
        for (const { username, role, created } of store.list())
          process.stdout.write(`${username}\t${role}\t${created}\n`)
        return 0
      default:
        throw new IocError('OPTION_INVALID', 'say: ioc node add SITE NODE, ioc node remove SITE NODE, or ioc node list')
    }
  },
}
