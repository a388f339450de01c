import { IocError } from '@ioc/contract/errors.ts'
import { requireSlug } from '@ioc/contract/names.ts'
import { deviceTopic, forgetTopic } from '@ioc/contract/topics.ts'
import type { MqttClient } from 'mqtt'
import { misused, readArguments } from './arguments.ts'
import { asCentre, readRetained } from './centre-client.ts'
import type { Command } from './command.ts'
import { noteChange } from './note-change.ts'

const usage = 'device forget SITE DEVICE'

export const device: Command = {
  usage,
  title:
    'remove a device that no longer exists; its history stays, also in open windows of its site and area; it may return',
  async run(args) {
    const { positionals } = readArguments(args, {}, usage, ['forget', 'SITE', 'DEVICE'])
    const [action, site = '', name = ''] = positionals
    if (action !== 'forget') throw misused(`unknown action ${JSON.stringify(action)}`, usage)
    const request = { site: requireSlug(site, 'site'), device: requireSlug(name, 'device') }
    await asCentre(async (client) => {
      if (await isUnknown(client, site, name)) {
        throw new IocError('DEVICE_UNKNOWN', `no device ${name} of site ${site}: the wall lists all devices`)
      }
      await client.publishAsync(forgetTopic, JSON.stringify(request), { qos: 1 })
    })
    noteChange({ what: 'device.remove', target: `${site}/${name}` })
    process.stdout.write(`removal of device ${name} of site ${site} requested\n`)
    return 0
  },
}

/**
 * Whether there is certainly no such device. The broker does not know devices, but retains what the processor published of
 * them. If that is not complete, the processor decides.
 */
async function isUnknown(client: MqttClient, site: string, name: string): Promise<boolean> {
  const { messages, isComplete } = await readRetained(client, [deviceTopic(site, name, '+')])
  return isComplete && messages.size === 0
}
