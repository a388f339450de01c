import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { hasPython } from '@ioc/runtime/testing/python.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configErrors, testCollector } from '../../testing/context.ts'
import { appears, listening, startPeer, stopPeer } from '../../testing/peers.ts'

const script = join(import.meta.dirname, '../../testing/modbus_server.py')

async function startServer(mode: 'tcp' | 'rtu-over-tcp', port: number) {
  const server = startPeer('python', [script, mode, String(port)])
  await listening(port)
  return server
}

const meter = {
  device: 'meter',
  type: 'site_power',
  registers: {
    mains_v: { address: 0, scale: 0.1 },
    load_w: { address: 4, format: 'float32', order: 'CDAB', unit: 'kW' },
    mains: { address: 2, bit: 2 },
    network: { address: 1, area: 'coil' },
  },
}
const meterValues = { mains_v: 230.4, load_w: 23_500, mains: true, network: true }

describe.skipIf(!hasPython('pymodbus'))('beside pymodbus', () => {
  test('every format and byte order has its value', async () => {
    const port = await freePort()
    await startServer('tcp', port)
    const registers = {
      unsigned: 1,
      signed: { address: 1, format: 'int16' },
      cdab: { address: 4, format: 'float32', order: 'CDAB' },
      abcd: { address: 6, format: 'float32' },
      badc: { address: 8, format: 'float32', order: 'BADC' },
      dcba: { address: 10, format: 'float32', order: 'DCBA' },
      double: { address: 12, format: 'float64', order: 'CDAB' },
      large: { address: 16, format: 'uint64' },
      negative: { address: 20, format: 'int32', order: 'DCBA' },
      input: { address: 0, area: 'input' },
      discrete: { address: 3, area: 'discrete' },
      state: { address: 2, enum: { 5: 'running' }, else: 'stopped' },
    }
    const { collect } = await testCollector({
      type: 'modbus',
      host: '127.0.0.1',
      port,
      devices: [{ device: 'all', registers }],
    })
    const { measurements, problems } = await collect()
    expect(problems).toEqual([])
    expect(measurements?.[0]?.values).toEqual({
      unsigned: 65_436,
      signed: -100,
      cdab: 23.5,
      abcd: 23.5,
      badc: 23.5,
      dcba: 23.5,
      double: -0.25,
      large: 1.152_921_504_61e18,
      negative: -70_000,
      input: 42,
      discrete: 1,
      state: 'running',
    })
  })

  test('a silent slave costs another nothing, and is asked less often', async () => {
    const port = await freePort()
    await startServer('tcp', port)
    const silent = { device: 'silent', slave: 2, registers: { x: 0 } }
    const { collect } = await testCollector({
      type: 'modbus',
      host: '127.0.0.1',
      port,
      response_ms: 50,
      devices: [silent, meter],
    })
    const problems: (readonly string[] | undefined)[] = []
    for (let n = 0; n < 4; n++) {
      const run = await collect()
      expect(run.measurements).toMatchObject([{ device: 'meter', type: 'site_power', values: meterValues }])
      problems.push(run.problems)
    }
    expect(problems[2]).toEqual(['silent (slave 2): no response within 50 ms'])
    expect(problems[3]).toEqual(['silent (slave 2): no response; asked again in 5 s'])
  })

  test('illegal addresses are found once, and all other registers are read', async () => {
    const port = await freePort()
    await startServer('tcp', port)
    const registers = { first: 0, beyond: 60, illegal: 40, also: { address: 3 } }
    const { collect } = await testCollector({
      type: 'modbus',
      host: '127.0.0.1',
      port,
      devices: [{ device: 'd', registers }],
    })
    for (let n = 0; n < 2; n++) {
      const { measurements, problems } = await collect()
      expect(measurements?.[0]?.values).toEqual({ first: 2304, beyond: 7, also: 0 })
      expect(problems).toEqual([expect.stringMatching(/^d \(slave 1\): illegal: Modbus exception 2/)])
    }
  })

  test('values return after the server restarted, in the same process', async () => {
    const port = await freePort()
    const first = await startServer('tcp', port)
    const { collect } = await testCollector({
      type: 'modbus',
      host: '127.0.0.1',
      port,
      response_ms: 200,
      devices: [meter],
    })
    await collect()
    await stopPeer(first)
    await expect(collect()).rejects.toThrow()
    await expect(collect()).rejects.toThrow()
    await startServer('tcp', port)
    expect((await collect()).measurements?.[0]?.values).toEqual(meterValues)
  })

  test('frames of RTU are read over TCP, beside a silent slave', async () => {
    const port = await freePort()
    await startServer('rtu-over-tcp', port)
    const silent = { device: 'silent', slave: 2, registers: { x: 0 } }
    const { collect } = await testCollector({
      type: 'modbus',
      host: '127.0.0.1',
      port,
      framing: 'rtu',
      response_ms: 100,
      devices: [meter, silent, { ...meter, device: 'again' }],
    })
    const { measurements } = await collect()
    expect(measurements?.map(({ device, values }) => [device, values])).toEqual([
      ['meter', meterValues],
      ['again', meterValues],
    ])
  })

  test.skipIf(!hasProgram('/usr/bin/socat', 'socat'))('a serial line is read as RTU', async () => {
    const folder = testFolder()
    const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')]
    startPeer('/usr/bin/socat', [`pty,raw,echo=0,link=${ours}`, `pty,raw,echo=0,link=${theirs}`])
    await Promise.all([appears(ours), appears(theirs)])
    startPeer('python', [script, 'rtu', theirs])
    const { collect } = await testCollector({ type: 'modbus', serial: ours, response_ms: 1000, devices: [meter] })
    // The server may still be opening its end.
    for (;;) {
      const run = await collect().catch(() => undefined)
      if (!run) continue
      expect(run.measurements?.[0]?.values).toEqual(meterValues)
      break
    }
  })
})

test('a host that accepts and never answers fails, and is connected to again', async () => {
  let connections = 0
  const server = createServer(() => {
    connections += 1
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const { collect } = await testCollector({
    type: 'modbus',
    host: '127.0.0.1',
    port,
    response_ms: 20,
    devices: [meter],
  })
  for (let n = 0; n < 2; n++) await expect(collect()).rejects.toThrow('no response')
  expect(connections).toBe(2)
})

test('a missing serial port fails with its name', async () => {
  const { collect } = await testCollector({ type: 'modbus', serial: '/dev/ttyNONE', devices: [meter] })
  await expect(collect()).rejects.toThrow('/dev/ttyNONE')
})

test('a configuration that contradicts itself is refused', async () => {
  expect(
    await configErrors({
      type: 'modbus',
      devices: [meter, { ...meter, registers: { volts: 1, mains: { address: 1, bit: 3, format: 'int32' } } }],
    }),
  ).toEqual([
    'collectors[0]: requires either host or serial',
    'collectors[0].devices[1].device: another device has this name',
    expect.stringContaining('collectors[0].devices[1].registers.volts: type site_power has no metric volts'),
    'collectors[0].devices[1].registers.mains.bit: requires the format uint16',
  ])
})
