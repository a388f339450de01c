import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import mqtt, { type MqttClient } from 'mqtt'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configErrors, type TestCollector, testCollector } from '../../testing/context.ts'
import { listening, startPeer, stopPeer } from '../../testing/peers.ts'
import { decodeSparkplug } from './sparkplug.ts'

const mosquitto = '/usr/sbin/mosquitto'

async function startBroker(port: number, config = 'allow_anonymous true\n') {
  const file = join(testFolder(), 'mosquitto.conf')
  writeFileSync(file, `listener ${port} 127.0.0.1\nlog_type none\n${config}`)
  const child = startPeer(mosquitto, ['-c', file])
  await listening(port)
  return child
}

async function publisher(port: number): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
  onTestFinished(() => client.endAsync(true))
  return client
}

/** Runs until as many records were collected. */
async function collected({ collect }: TestCollector, records: number) {
  const measurements: MeasurementRecord[] = []
  const problems: string[] = []
  for (;;) {
    const run = await collect()
    measurements.push(...(run.measurements ?? []))
    problems.push(...(run.problems ?? []))
    if (measurements.length + problems.length >= records) return { measurements, problems }
    await new Promise(setImmediate)
  }
}

const bridge = (port: number, ...subscriptions: object[]) => ({
  type: 'mqtt-bridge',
  url: `mqtt://127.0.0.1:${port}`,
  subscriptions,
})
const ts = Date.parse('2026-11-15T08:30:00+07:00')

/** A field of a protocol buffer: a varint, a double, or bytes. */
function field(number: number, value: bigint | number | string | Buffer): Buffer {
  const varint = (n: bigint): number[] => (n < 128n ? [Number(n)] : [Number(n & 127n) | 128, ...varint(n >> 7n)])
  if (typeof value === 'bigint') return Buffer.from([...varint(BigInt(number << 3)), ...varint(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    return Buffer.concat([Buffer.from([(number << 3) | 1]), bytes])
  }
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(BigInt(bytes.length))]), bytes])
}

const metric = (...parts: Buffer[]) => field(2, Buffer.concat(parts))

describe.skipIf(!hasProgram(mosquitto, 'mosquitto'))('beside mosquitto', () => {
  test('each preset names its devices, and maps what is declared', async () => {
    const port = await freePort()
    await startBroker(port)
    const peer = await testCollector(
      bridge(
        port,
        { topic: 'zigbee2mqtt/#', preset: 'zigbee2mqtt' },
        {
          topic: 'tele/+/SENSOR',
          preset: 'tasmota',
          map: { type: 'weather', time: 'time', values: { temperature_c: '/SI7021/Temperature' } },
        },
        { topic: 'spBv1.0/#', preset: 'sparkplug' },
        { topic: 'meters/+/data', map: { device: { from: 'topic:1' }, values: { kwh: '/energy/0/total' } } },
      ),
    )
    await peer.collect()
    const client = await publisher(port)
    await client.publishAsync('zigbee2mqtt/bridge/state', 'online', { qos: 1 })
    await client.publishAsync('zigbee2mqtt/Phòng họp/cửa/set', '{"state":"ON"}', { qos: 1 })
    await client.publishAsync(
      'zigbee2mqtt/Phòng họp/cửa',
      `{"contact":true,"battery":97,"update":{"state":"idle"},"last_seen":${ts}}`,
      { qos: 1 },
    )
    await client.publishAsync('tele/tram-1/LWT', 'Online', { qos: 1 })
    await client.publishAsync('tele/tram-1/SENSOR', '{"Time":"2026-11-15T08:30:00","SI7021":{"Temperature":21.5}}', {
      qos: 1,
    })
    const birth = Buffer.concat([
      field(1, BigInt(ts)),
      metric(field(1, 'bdSeq'), field(4, 4n), field(11, 0n)),
      metric(field(1, 'Level/mm'), field(2, 1n), field(4, 3n), field(10, 2n ** 32n - 5n)),
    ])
    const data = Buffer.concat([field(1, BigInt(ts + 1)), metric(field(2, 1n), field(4, 10n), field(13, 12.5))])
    await client.publishAsync('spBv1.0/ho/DBIRTH/gw/be-1', birth, { qos: 1 })
    await client.publishAsync('spBv1.0/ho/DDATA/gw/be-1', data, { qos: 1 })
    await client.publishAsync('spBv1.0/ho/DDATA/gw2/be-2', data, { qos: 1 })
    await client.publishAsync('meters/m1/data', '{"energy":[{"total":"12.5"}]}', { qos: 1 })
    await client.publishAsync('meters/m2/data', 'broken', { qos: 1 })
    const { measurements, problems } = await collected(peer, 7)
    expect(measurements).toEqual([
      { device: 'Phong_hop_cua', ts, values: { contact: true, battery: 97, update_state: 'idle' } },
      { device: 'tram-1', ts, type: 'weather', values: { temperature_c: 21.5 } },
      { device: 'be-1', ts, values: { Level_mm: -5 } },
      { device: 'be-1', ts: ts + 1, values: { Level_mm: 12.5 } },
      { device: 'm1', ts: expect.any(Number), values: { kwh: '12.5' } },
    ])
    expect(problems).toEqual([
      'spBv1.0/ho/DDATA/gw2/be-2: alias 1 of gw2 is unknown until its next birth',
      'meters/m2/data: not JSON: "broken"',
    ])
    expect(peer.collector.devices()).toContainEqual({ id: 'Phong_hop_cua', name: 'Phòng họp_cửa' })
    expect(peer.collector.devices()).toContainEqual({ id: 'tram-1', type: 'weather' })
  })

  test('a retained message counts only under its own time', async () => {
    const port = await freePort()
    await startBroker(port)
    const client = await publisher(port)
    await client.publishAsync('zigbee2mqtt/old', '{"t":1}', { qos: 1, retain: true })
    await client.publishAsync('zigbee2mqtt/dated', '{"t":2,"last_seen":"2026-11-15T01:30:00Z"}', {
      qos: 1,
      retain: true,
    })
    const peer = await testCollector(bridge(port, { topic: 'zigbee2mqtt/+', preset: 'zigbee2mqtt' }))
    const { measurements } = await collected(peer, 1)
    await client.publishAsync('zigbee2mqtt/old', '{"t":3}', { qos: 1 })
    const later = await collected(peer, 1)
    expect([...measurements, ...later.measurements].map(({ device, values }) => [device, values])).toEqual([
      ['dated', { t: 2 }],
      ['old', { t: 3 }],
    ])
  })

  test('the bridge goes on after the broker restarted', async () => {
    const port = await freePort()
    const first = await startBroker(port)
    const peer = await testCollector(
      bridge(port, { topic: 'a/+', map: { device: { from: 'topic:1' }, values: { x: '/x' } } }),
    )
    await peer.collect()
    await stopPeer(first)
    await startBroker(port)
    await peer.collect()
    const client = await publisher(port)
    await client.publishAsync('a/b', '{"x":1}', { qos: 1 })
    expect((await collected(peer, 1)).measurements).toMatchObject([{ device: 'b', values: { x: 1 } }])
  })

  test('a wrong password is reported', async () => {
    const port = await freePort()
    await startBroker(port, 'allow_anonymous false\n')
    const peer = await testCollector(bridge(port, { topic: '#', preset: 'zigbee2mqtt' }))
    await expect(peer.collect(1000)).rejects.toThrow(/[Nn]ot authorized/)
  })
})

test('a Sparkplug payload that is truncated is refused', () => {
  const whole = metric(field(1, 'name'), field(13, 1.5))
  expect(decodeSparkplug(whole).metrics).toEqual([{ name: 'name', alias: undefined, value: 1.5 }])
  for (let length = 1; length < whole.length; length++)
    expect(() => decodeSparkplug(whole.subarray(0, length))).toThrow(RangeError)
})

test('a wrong filter, or a mapping without a device, is refused', async () => {
  expect(
    await configErrors(bridge(1, { topic: 'a/#/b', preset: 'tasmota' }, { topic: 'a', map: { values: { x: '/x' } } })),
  ).toEqual([
    'collectors[0].subscriptions[0].topic: not a valid topic filter',
    'collectors[0].subscriptions[1]: the preset json requires a map with device',
  ])
})
