import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { DiscoveryResponder, type ResponderSettings } from '@ioc/simulator/onvif-camera/discovery-responder.ts'
import { expect, onTestFinished, test } from 'vitest'
import { discover } from './discovery.ts'

const forever = new AbortController().signal

const camera = (n: number, change: Partial<ResponderSettings> = {}): ResponderSettings => ({
  reference: `urn:uuid:0000-${n}`,
  types: 'dn:NetworkVideoTransmitter tds:Device',
  scopes: ['onvif://www.onvif.org/type/video_encoder', `onvif://www.onvif.org/name/Camera%20${n}`],
  addresses: [`http://[fe80::${n}]/onvif/device_service`, `http://10.9.9.${n}/onvif/device_service`],
  ...change,
})

/** A segment of a network on loopback: each probe reaches all devices, which answer by themselves. */
async function startSegment(
  devices: readonly ResponderSettings[],
): Promise<{ readonly port: number; readonly socket: Socket }> {
  const ports = await Promise.all(
    devices.map(async (settings) => {
      const responder = new DiscoveryResponder(settings)
      onTestFinished(() => responder.stop())
      return responder.start()
    }),
  )
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  const asked = new Map<number, number>()
  socket.on('message', (message, from) => {
    if (ports.includes(from.port)) {
      const to = asked.get(from.port)
      if (to !== undefined) socket.send(message, to, '127.0.0.1')
      return
    }
    for (const port of ports) {
      asked.set(port, from.port)
      socket.send(message, port, '127.0.0.1')
    }
    // What else may arrive on the port of a probe.
    for (let n = 0; n < 120; n++) socket.send(randomBytes(200), from.port, '127.0.0.1')
    socket.send('hello', from.port, '127.0.0.1')
    socket.send('<a>'.repeat(5_000), from.port, '127.0.0.1')
  })
  return { port: (socket.address() as AddressInfo).port, socket }
}

test('two cameras of three devices are offered, once each, and foreign datagrams are ignored', async () => {
  const { port } = await startSegment([
    camera(1),
    camera(2, { types: 'tds:Device', addresses: ['http://127.0.0.1:8080/onvif/device_service', 'http://10.9.9.2/'] }),
    camera(3, { types: 'wsdp:Device pri:PrintDeviceType', scopes: ['ldap:///ou=printers'] }),
    camera(4, { relatesTo: 'uuid:of-someone-else' }),
    camera(5, { addresses: ['not an address', 'ftp://10.9.9.5/'] }),
  ])
  const settings = { interfaces: ['127.0.0.1'], group: '127.0.0.1', port, listenMs: 1_000 }
  const { cameras, ignored } = await discover(settings, forever)
  expect(cameras).toEqual([
    { reference: '0000-1', onvif: 'http://10.9.9.1/onvif/device_service', name: 'Camera 1', hardware: undefined },
    { reference: '0000-2', onvif: 'http://127.0.0.1:8080/onvif/device_service', name: 'Camera 2', hardware: undefined },
  ])
  expect(ignored).toBeGreaterThan(100)
})

test('nothing answers where there is nothing', async () => {
  const { port } = await startSegment([])
  const settings = { interfaces: ['127.0.0.1', '127.0.0.2'], group: '127.0.0.1', port, listenMs: 800 }
  expect((await discover(settings, forever)).cameras).toEqual([])
})
