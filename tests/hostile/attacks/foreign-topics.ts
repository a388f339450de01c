import { setTimeout as sleep } from 'node:timers/promises'
import { livePrefix, nodeTopic } from '@ioc/contract/topics.ts'
import { generate } from 'mqtt-packet'
import type { Attack, Target } from '../attack.ts'
import { withClient } from '../client.ts'
import { openSocket } from '../sockets.ts'

const topicsOf = ({ own, victim }: Target): string[] => [
  nodeTopic(victim, 'telemetry'),
  nodeTopic(victim, 'cases'),
  nodeTopic(victim, 'status'),
  nodeTopic(victim, 'config'),
  nodeTopic(own, 'config'),
  nodeTopic(own, 'command'),
  `${nodeTopic(own, 'telemetry')}/deeper`,
  `${livePrefix}process/broker`,
  `${livePrefix}indicators`,
  'ioc/v1/_control/forget',
  '$SYS/broker/uptime',
  'tele/x/STATE',
  'x\n{"level":60,"msg":"forged"}\u001b[31m',
  '/',
  `ioc/v1${'/deep'.repeat(60)}`,
]

/** Payloads that would show: a wrong value of the victim, its end, a forged process. */
const payload = '{"online":false,"session":99999999999999,"type":"system","cpu_percent":66.6,"ts":1764000000000}'

/** Publishes where it may not, at each QoS, and goes on with its own telemetry on the same connection. */
export const foreignTopics: Attack = (target, random) =>
  withClient(target, async (client) => {
    const findings: string[] = []
    for (let round = 0; round < 20; round++) {
      const topic = random.pick(topicsOf(target))
      client.publish(
        topic,
        payload,
        { qos: random.pick([0, 1, 2]), retain: random.pick([true, false]) },
        () => undefined,
      )
      const own = client.publishAsync(nodeTopic(target.own, 'telemetry'), '{"x":1}', { qos: 1 }).then(() => true)
      if (!(await Promise.race([own.catch(() => false), sleep(30_000, false)]))) {
        findings.push(`own telemetry not acknowledged after a publish on ${JSON.stringify(topic)}`)
      }
    }
    return findings
  })

/** Connects with a will on a topic that is not its own, and vanishes. */
export const foreignWills: Attack = async (target, random) => {
  const { mqttPort, own } = target
  const sockets = Array.from({ length: 10 }, (_, index) => {
    const socket = openSocket(mqttPort)
    socket.write(
      generate({
        cmd: 'connect',
        clientId: `will-${index}`,
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: random.pick([true, false]),
        keepalive: 60,
        username: own.username,
        password: Buffer.from(own.password),
        will: {
          topic: random.pick(topicsOf(target)),
          payload: Buffer.from(payload),
          qos: random.pick([0, 1, 2]),
          retain: true,
        },
      }),
    )
    return socket
  })
  await sleep(300)
  for (const socket of sockets) socket.destroy()
  return []
}
