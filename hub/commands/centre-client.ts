import { commonOptions, mqttPortOption } from '@ioc/contract/common-options.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { parseLiveBatch, snapshotMark } from '@ioc/contract/live-batch.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { liveBatchTopic } from '@ioc/contract/topics.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import mqtt, { type MqttClient } from 'mqtt'

/** How long the broker may take to answer, in ms. */
const answerMs = 10_000

/**
 * Uses a connection to the broker with the centre's credential. It is closed also where that fails: a command that leaves
 * it open would not end.
 * @throws IocError BROKER_UNREACHABLE
 */
export async function asCentre<T>(use: (client: MqttClient) => Promise<T>): Promise<T> {
  const client = await connect()
  try {
    return await use(client)
  } finally {
    await client.endAsync()
  }
}

/** What the broker retains, by topic, and whether the live values in it are of a complete snapshot. */
export interface Retained {
  readonly messages: ReadonlyMap<string, string>
  readonly isComplete: boolean
}

/** Reads what the broker retains on topics. Last of all it sends whether that is complete. */
export async function readRetained(client: MqttClient, filters: readonly string[]): Promise<Retained> {
  const messages = new Map<string, string>()
  const isComplete = new Promise<boolean>((resolve) => {
    client.on('message', (topic, payload, { retain }) => {
      if (!retain) return
      if (topic !== liveBatchTopic) return void messages.set(topic, payload.toString())
      for (const entry of parseLiveBatch(payload)) {
        if (entry.topic === snapshotMark) resolve(entry.payload === 'true')
      }
    })
    client.once('close', () => resolve(false))
  })
  await client.subscribeAsync([...filters, liveBatchTopic], { qos: 0 })
  return { messages, isComplete: await isComplete }
}

async function connect(): Promise<MqttClient> {
  const { bind, mqttPort, dataDir } = readOptions({ ...commonOptions, ...mqttPortOption }, process.env)
  const url = `mqtt://${urlHost(bind)}:${mqttPort}`
  try {
    const credential = await readCredential(credentialFile(dataDir, 'centre'), 0)
    return await mqtt.connectAsync(url, { ...credential, reconnectPeriod: 0, connectTimeout: answerMs }, false)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new IocError(
      'BROKER_UNREACHABLE',
      `cannot reach the broker at ${url} (${code ?? message}): start the centre, or set IOC_MQTT_PORT and IOC_DATA_DIR to match it`,
      { cause },
    )
  }
}
