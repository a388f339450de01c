import { userInfo } from 'node:os'
import { type AlertingCommand, parseAlertingCommand } from '@ioc/contract/messages/alerting-command.ts'
import type { LiveIncident, LiveMaintenance } from '@ioc/contract/messages/incidents.ts'
import { alertingTopic, livePrefix, maintenanceTopic } from '@ioc/contract/topics.ts'
import type { MqttClient } from 'mqtt'

/** The incidents and maintenance windows that the broker retains. */
export async function readWatch(client: MqttClient): Promise<{
  readonly incidents: readonly LiveIncident[]
  readonly windows: LiveMaintenance['windows']
}> {
  const incidents: LiveIncident[] = []
  let windows: LiveMaintenance['windows'] = []
  client.on('message', (topic, payload) => {
    const value: unknown = JSON.parse(payload.toString())
    if (topic === maintenanceTopic) windows = (value as LiveMaintenance).windows
    else incidents.push(value as LiveIncident)
  })
  await client.subscribeAsync([`${livePrefix}incident/+`, maintenanceTopic], { qos: 0 })
  // What is retained comes before the answer to the next subscription.
  await client.subscribeAsync(`${livePrefix}nothing`, { qos: 0 })
  return { incidents: incidents.sort((a, b) => a.id - b.id), windows }
}

/** What the broker retains on some topics. */
export async function readRetained(client: MqttClient, topics: string[]): Promise<readonly unknown[]> {
  const values: unknown[] = []
  client.on('message', (_topic, payload) => values.push(JSON.parse(payload.toString())))
  await client.subscribeAsync(topics, { qos: 0 })
  // What is retained comes before the answer to the next subscription.
  await client.subscribeAsync(`${livePrefix}nothing`, { qos: 0 })
  return values
}

/**
 * Sends a command to the watch, which the broker has when this resolves.
 * @throws IocError PAYLOAD_INVALID where its times are beyond the limits
 */
export async function sendCommand(client: MqttClient, command: AlertingCommand): Promise<void> {
  const payload = JSON.stringify(command)
  parseAlertingCommand(Buffer.from(payload), Date.now())
  await client.publishAsync(alertingTopic, payload, { qos: 1 })
}

/** Who uses the command line, for the timeline of an incident. */
export function commandUser(): string {
  return userInfo().username
}
