import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configErrors, testCollector } from '../../testing/context.ts'
import { appears, listening, startPeer, stopPeer } from '../../testing/peers.ts'
import { parseAnswer } from './client.ts'
import { valuesOf } from './nut.ts'

const upsd = '/lib/nut/upsd'
const driver = '/lib/nut/dummy-ups'

/** Variables of a UPS, as its driver reads them, again each second. */
function variables(status: string): string {
  const lines = [
    `ups.status: ${status}`,
    'battery.charge: 97',
    'battery.runtime: 1800',
    'input.voltage: 224.5',
    'ups.load: 20',
    'ups.realpower.nominal: 600',
    'TIMER 1',
  ]
  return `${lines.join('\n')}\n`
}

describe.skipIf(!hasProgram(upsd, 'nut-server'))('a NUT server', () => {
  async function startNut() {
    const folder = testFolder()
    const port = await freePort()
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o640 })
    write('ups.conf', '[apc]\n  driver = dummy-ups\n  port = apc.dev\n  mode = dummy-loop\n')
    write('upsd.conf', `LISTEN 127.0.0.1 ${port}\n`)
    write('upsd.users', '')
    write('apc.dev', variables('OL'))
    const env = { NUT_CONFPATH: folder, NUT_STATEPATH: folder, NUT_ALTPIDPATH: folder, NUT_QUIET_INIT_SSL: 'true' }
    const ofUps = startPeer(driver, ['-a', 'apc', '-u', 'root', '-F'], env)
    await appears(join(folder, 'dummy-ups-apc'))
    startPeer(upsd, ['-u', 'root', '-F'], env)
    await listening(port)
    return { port, ofUps, setStatus: (status: string) => write('apc.dev', variables(status)) }
  }

  test('says whether there are mains, and what the battery has; a UPS that it has lost is a problem', async () => {
    const { port, ofUps, setStatus } = await startNut()
    const ups = [
      { ups: 'apc', device: 'nguon' },
      { ups: 'none', device: 'khong-co' },
    ]
    const { collect, collector } = await testCollector({ type: 'nut', port, ups })
    expect(collector.devices()).toMatchObject([{ id: 'nguon', type: 'site_power' }, { id: 'khong-co' }])
    const values = async () => (await collect()).measurements?.[0]?.values
    await expect
      .poll(values)
      .toEqual({ mains: true, mains_v: 224.5, battery_percent: 97, battery_minutes: 30, load_w: 120 })
    expect((await collect()).problems).toEqual(['none: UNKNOWN-UPS'])
    setStatus('OB DISCHRG')
    await expect.poll(values).toMatchObject({ mains: false })
    await stopPeer(ofUps)
    await expect.poll(() => collect().catch(String)).toMatch(/apc: (DRIVER-NOT-CONNECTED|DATA-STALE)/)
  })
})

describe('hostile servers', () => {
  async function answering(answer: string | Buffer, ends = false): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.write(answer)
      if (ends) socket.end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  test.each([
    ['an endless answer', 'VAR apc x "1"\n'.repeat(20_000), false, /too long/],
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n', true, /closed the connection/],
  ])('%s is an error', async (_, answer, ends, reason) => {
    const port = await answering(answer, ends)
    const { collect } = await testCollector({ type: 'nut', port, ups: [{ ups: 'apc', device: 'a' }] })
    await expect(collect()).rejects.toThrow(reason)
  })

  test('one whose UPS has no figures is an error, and no record without values', async () => {
    const port = await answering('BEGIN LIST VAR apc\nVAR apc ups.model "X"\nEND LIST VAR apc\n')
    const { collect } = await testCollector({ type: 'nut', port, ups: [{ ups: 'apc', device: 'a' }] })
    await expect(collect()).rejects.toThrow('apc: no values')
  })

  test('one that says nothing ends with the run', async () => {
    const port = await answering('')
    const { collect } = await testCollector({ type: 'nut', port, ups: [{ ups: 'apc', device: 'a' }] })
    await expect(collect(200)).rejects.toThrow(/abort/i)
  })
})

test('quotes and backslashes of a value are unescaped; half an answer is none', () => {
  const answer = 'BEGIN LIST VAR a\nVAR a ups.model "Back \\"UPS\\" \\\\ 1"\nEND LIST VAR a\n'
  expect(parseAnswer(answer, 'a')).toEqual(new Map([['ups.model', 'Back "UPS" \\ 1']]))
  expect(parseAnswer(answer.slice(0, -4), 'a')).toBeUndefined()
})

test.each([
  ['OL CHRG', true],
  ['OB LB', false],
  ['OFF', undefined],
])('status %s: mains %s', (status, mains) => {
  expect(valuesOf(new Map([['ups.status', status]]))).toEqual(mains === undefined ? {} : { mains })
})

test('an empty or unknown figure is left out', () => {
  const variables = new Map([
    ['battery.charge', ''],
    ['battery.runtime', 'NA'],
    ['input.voltage', '224.5'],
  ])
  expect(valuesOf(variables)).toEqual({ mains_v: 224.5 })
})

test('two UPSs cannot be one device', async () => {
  const ups = { ups: 'apc', device: 'a' }
  expect(await configErrors({ type: 'nut', ups: [ups, ups] })).toEqual([
    'collectors[0].ups[1].device: another UPS has this device',
  ])
})
