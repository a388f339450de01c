import { requireSlug } from '@ioc/contract/names.ts'
import { forgetTopic } from '@ioc/contract/topics.ts'
import { misused, readArguments } from './arguments.ts'
import { asCentre } from './centre-client.ts'
import type { Command } from './table.ts'

const usage = 'device forget SITE DEVICE'

export const device: Command = {
  usage,
  title: 'remove a device that no longer exists; its history stays, and it may return',
  async run(args) {
    const { positionals } = readArguments(args, {}, usage, ['forget', 'SITE', 'DEVICE'])
    const [action, site = '', name = ''] = positionals
    if (action !== 'forget') throw misused(`unknown action ${JSON.stringify(action)}`, usage)
    const request = { site: requireSlug(site, 'site'), device: requireSlug(name, 'device') }
    await asCentre((client) => client.publishAsync(forgetTopic, JSON.stringify(request), { qos: 1 }))
    // The broker does not know devices: the processor removes it, if there is one.
    process.stdout.write(`removal of device ${name} of site ${site} requested\n`)
    return 0
  },
}
