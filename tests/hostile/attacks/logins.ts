import { setTimeout as sleep } from 'node:timers/promises'
import { generate } from 'mqtt-packet'
import type { Attack } from '../attack.ts'
import { openSocket } from '../sockets.ts'

/** Wrong passwords and unknown names from many connections, half of which leave before they are answered. */
export const logins: Attack = async ({ mqttPort, own, victim }, random) => {
  const findings: string[] = []
  const sockets = Array.from({ length: 60 }, (_, index) => {
    const socket = openSocket(mqttPort)
    const username = random.pick([
      own.username,
      `${victim.site}/${victim.node}`,
      'nobody/nothing',
      '../../agent',
      'x'.repeat(5000),
    ])
    const password = random.pick([Buffer.from('guess'), random.bytes(40), Buffer.alloc(60_000)])
    socket.on('data', (chunk: Buffer) => {
      if (chunk[0] === 0x20 && chunk[3] === 0) findings.push(`${username} was let in with a guessed password`)
    })
    socket.write(
      generate({
        cmd: 'connect',
        clientId: `guess-${index}`,
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        keepalive: 0,
        username,
        password,
      }),
    )
    if (index % 2 === 0) setTimeout(() => socket.destroy(), 5)
    return socket
  })
  await sleep(1_500)
  for (const socket of sockets) socket.destroy()
  return findings
}
