import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { announcement, type ResponderSettings } from '@ioc/simulator/onvif-camera/discovery-responder.ts'
import { silent } from '@ioc/uplink/testing/silent.ts'
import { expect, onTestFinished, test } from 'vitest'
import { AnnouncementListener } from './announcement-listener.ts'

const group = '239.255.255.250'
const loopback = '127.0.0.1'
const device = (n: number, change: Partial<ResponderSettings> = {}): ResponderSettings => ({
  reference: `urn:uuid:0000-${n}`,
  types: 'dn:NetworkVideoTransmitter',
  scopes: [`onvif://www.onvif.org/name/Camera%20${n}`],
  addresses: [`http://${loopback}:8080/onvif/device_service`],
  ...change,
})

/** A listener on the network of loopback alone, and a device that sends to it. */
async function start() {
  const port = await freePort()
  const heard: string[] = []
  const listener = new AnnouncementListener(
    { group, port, interfaces: () => [loopback] },
    (one, from) => heard.push(`${one.kind} ${one.kind === 'hello' ? one.camera.name : ''} ${from}`),
    silent,
  )
  await listener.start()
  onTestFinished(() => listener.stop())
  const socket = createSocket('udp4')
  socket.bind(0, loopback)
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  socket.setMulticastInterface(loopback)
  // Its callback comes before what was received is read: the event loop has to turn.
  const send = (text: string | Uint8Array, to = group) =>
    new Promise<void>((resolve) => socket.send(text, port, to, () => setImmediate(resolve)))
  /** Sends it again until it was heard: the system may drop a datagram. */
  const sendUntilHeard = async (text: string, expected: string) => {
    while (!heard.includes(expected)) {
      await send(text)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  return { listener, heard, send, sendUntilHeard }
}

test('hears a camera that comes and goes, and neither a printer, nor one that names another machine, nor noise', async () => {
  const { listener, heard, send, sendUntilHeard } = await start()
  await sendUntilHeard(announcement('Hello', device(1)), `hello Camera 1 ${loopback}`)
  const before = listener.ignored
  await send(announcement('Hello', device(2, { types: 'wsdp:Device pri:PrintDeviceType', scopes: [] })))
  await send(announcement('Hello', device(3, { addresses: ['http://10.9.9.3/onvif/device_service'] })))
  await send(announcement('Hello', device(4, { addresses: ['no address'] })))
  await send(randomBytes(300))
  await send('<a>'.repeat(5_000))
  await send('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
  await send(`${announcement('Hello', device(5))}${' '.repeat(20_000)}`)
  // What is sent to this machine itself, and not to the group, does not arrive.
  await send(announcement('Hello', device(6)), loopback)
  await sendUntilHeard(announcement('Bye', device(1)), `bye  ${loopback}`)
  expect(new Set(heard)).toEqual(new Set([`hello Camera 1 ${loopback}`, `bye  ${loopback}`]))
  expect(listener.ignored).toBeGreaterThan(before)
})

test('hears no more than fifty in a second while the network is flooded, and others afterwards', async () => {
  const { listener, heard, send, sendUntilHeard } = await start()
  const began = performance.now()
  for (let n = 0; n < 3_000; n++) await send(announcement('Hello', device(n)))
  while (listener.ignored === 0) await send(announcement('Hello', device(1)))
  // Of a second that began before and of one that ends afterwards, too.
  const seconds = Math.ceil((performance.now() - began) / 1_000) + 1
  expect(heard.length).toBeLessThanOrEqual(50 * seconds)
  await sendUntilHeard(announcement('Hello', device(9_999)), `hello Camera 9999 ${loopback}`)
})

test('does not fail where the port is taken', async () => {
  const other = createSocket('udp4')
  other.bind(0, group)
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const settings = { group, port: other.address().port, interfaces: () => [loopback] }
  const listener = new AnnouncementListener(settings, () => undefined, silent)
  await listener.start()
  await listener.stop()
})
