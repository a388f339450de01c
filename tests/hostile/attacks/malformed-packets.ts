import { generate, type Packet } from 'mqtt-packet'
import type { Attack } from '../attack.ts'
import { exchange, openSocket } from '../sockets.ts'

/** Random bytes, and valid packets with a few bytes changed, before and after a valid CONNECT. */
export const malformedPackets: Attack = async ({ mqttPort, own }, random) => {
  const connect = generate({
    cmd: 'connect',
    clientId: `malformed-${random.integer(0, 9)}`,
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: random.pick([0, 1, 65_535]),
    username: own.username,
    password: Buffer.from(own.password),
  })
  const topic = `ioc/v1/${own.site}/${own.node}/telemetry`
  const packets: Packet[] = [
    { cmd: 'publish', topic, payload: '{"x":1}', qos: 1, messageId: 1, dup: false, retain: false },
    { cmd: 'publish', topic, payload: '{"x":1}', qos: 2, messageId: 2, dup: true, retain: true },
    { cmd: 'pubrel', messageId: random.integer(1, 65_535) },
    { cmd: 'puback', messageId: random.integer(1, 65_535) },
    { cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: '#', qos: 2 }] },
    { cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['#', '+/+'] },
    { cmd: 'pingreq' },
  ]
  for (let round = 0; round < 20; round++) {
    const bytes = Buffer.from(generate(random.pick(packets)))
    for (let change = 0; change < random.integer(0, 4); change++) {
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
    }
    const garbage = random.bytes(random.integer(1, 300))
    const first = random.pick([connect, Buffer.alloc(0)])
    await exchange(mqttPort, Buffer.concat([first, random.pick([bytes, garbage]), bytes]), 30)
  }
  // Half a packet whose header announces 256 MB, and then silence.
  const half = openSocket(mqttPort)
  half.write(Buffer.concat([connect, Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), random.bytes(100)]))
  await new Promise((resolve) => setTimeout(resolve, 50))
  half.destroy()
  return []
}
