import { userInfo } from 'node:os'
import { commandEntry } from '@ioc/accounts/command-entry.ts'
import { parseAlertingCommand, type UserCommand } from '@ioc/contract/messages/alerting-command.ts'
import type { LiveIncident, LiveMaintenance } from '@ioc/contract/messages/incidents.ts'
import { alertingTopic, livePrefix, maintenanceTopic } from '@ioc/contract/topics.ts'
import type { MqttClient } from 'mqtt'
import { readRetained } from './centre-client.ts'
import { noteChange } from './note-change.ts'

/** The incidents and maintenance windows that the broker retains. */
export async function readWatch(client: MqttClient): Promise<{
  readonly incidents: readonly LiveIncident[]
  readonly windows: LiveMaintenance['windows']
}> {
  const { messages } = await readRetained(client, [`${livePrefix}incident/+`, maintenanceTopic])
  const incidents: LiveIncident[] = []
  let windows: LiveMaintenance['windows'] = []
  for (const [topic, payload] of messages) {
    const value: unknown = JSON.parse(payload)
    if (topic === maintenanceTopic) windows = (value as LiveMaintenance).windows
    else incidents.push(value as LiveIncident)
  }
  return { incidents: incidents.sort((a, b) => a.id - b.id), windows }
}

/**
 * Sends a command to the watch, which the broker has when this resolves.
 * @throws IocError PAYLOAD_INVALID where its times are beyond the limits
 */
export async function sendCommand(client: MqttClient, command: UserCommand): Promise<void> {
  const payload = JSON.stringify(command)
  parseAlertingCommand(Buffer.from(payload), Date.now())
  await client.publishAsync(alertingTopic, payload, { qos: 1 })
  noteChange(commandEntry(command))
}

/** Who uses the command line, for the timeline of an incident. */
export function commandUser(): string {
  return userInfo().username
}
