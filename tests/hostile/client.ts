import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { Findings, Target } from './attack.ts'

/** Connects with the attacker's own credential, and closes whatever happens. An unreachable broker is a finding. */
export async function withClient(
  { mqttPort, own: { username, password } }: Target,
  use: (client: MqttClient) => Promise<Findings>,
  options: IClientOptions = {},
): Promise<Findings> {
  const client = await mqtt
    .connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { username, password, reconnectPeriod: 100, ...options }, true)
    .catch((error: Error) => error)
  if (client instanceof Error) return [`the attacker's own node could not connect: ${client.message}`]
  client.on('error', () => undefined)
  try {
    return await use(client)
  } finally {
    client.end(true)
  }
}
