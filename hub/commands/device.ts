import { commonOptions, mqttPortOption } from '@ioc/contract/common-options.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { requireSlug } from '@ioc/contract/names.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { forgetTopic } from '@ioc/contract/topics.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import mqtt from 'mqtt'
import { misused, readArguments } from './arguments.ts'
import type { Command } from './table.ts'

const usage = 'device forget SITE DEVICE'
/** How long the broker may take to answer, in ms. */
const answerMs = 10_000

export const device: Command = {
  usage,
  title: 'removes a device that is gone; its history stays, and it can come back',
  async run(args) {
    const [action, site, name, ...excess] = readArguments(args, {}, usage).positionals
    if (action !== 'forget' || site === undefined || name === undefined || excess.length > 0) {
      throw misused('a site and a device are needed', usage)
    }
    const request = { site: requireSlug(site, 'site'), device: requireSlug(name, 'device') }
    await publish(forgetTopic, JSON.stringify(request))
    process.stdout.write(`${name} of ${site} is forgotten\n`)
    return 0
  },
}

/** Publishes with the centre's credential. @throws IocError BROKER_UNREACHABLE */
async function publish(topic: string, payload: string): Promise<void> {
  const { bind, mqttPort, dataDir } = readOptions({ ...commonOptions, ...mqttPortOption }, process.env)
  const url = `mqtt://${urlHost(bind)}:${mqttPort}`
  try {
    const credential = await readCredential(credentialFile(dataDir, 'centre'), 0)
    const options = { ...credential, reconnectPeriod: 0, connectTimeout: answerMs }
    const client = await mqtt.connectAsync(url, options, false)
    await client.publishAsync(topic, payload, { qos: 1 })
    await client.endAsync()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new IocError(
      'BROKER_UNREACHABLE',
      `cannot reach the broker at ${url} (${code ?? message}): start the centre, or set IOC_MQTT_PORT and IOC_DATA_DIR to its own`,
      { cause },
    )
  }
}
