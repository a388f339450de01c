import { setTimeout as sleep } from 'node:timers/promises'
import { nodeTopic } from '@ioc/contract/topics.ts'
import { generate } from 'mqtt-packet'
import type { Attack } from '../attack.ts'
import { withClient } from '../client.ts'
import { openSocket } from '../sockets.ts'

/** One SUBSCRIBE with as many filters as a packet of 1 MB holds, ten times. */
export const manyFilters: Attack = async ({ mqttPort, own }) => {
  const socket = openSocket(mqttPort)
  socket.write(
    generate({
      cmd: 'connect',
      clientId: 'filters',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 0,
      username: own.username,
      password: Buffer.from(own.password),
    }),
  )
  const subscriptions = Array.from({ length: 65_000 }, (_, index) => ({ topic: `t/${index}`, qos: 1 as const }))
  for (let round = 1; round <= 10; round++)
    socket.write(generate({ cmd: 'subscribe', messageId: round, subscriptions }))
  await sleep(1_000)
  socket.destroy()
  return []
}

/** Subscribes to what other nodes send and are sent; nothing may come. */
export const eavesdropping: Attack = (target) =>
  withClient(target, async (client) => {
    const findings: string[] = []
    client.on('message', (topic) => findings.push(`the attacker received a message of ${topic}`))
    for (const filter of [
      '#',
      '+/+/+/+/+',
      'ioc/v1/#',
      '$SYS/#',
      nodeTopic(target.victim, 'telemetry'),
      nodeTopic(target.victim, 'command'),
      `ioc/v1/${target.own.site}/+/config`,
      '$share/group/ioc/v1/#',
    ]) {
      await client.subscribeAsync(filter, { qos: 1 }).catch(() => undefined)
    }
    await sleep(500)
    return findings
  })
