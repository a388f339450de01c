import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createWebServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { expect, onTestFinished, test } from 'vitest'
import { configErrors, testCollector } from '../../testing/context.ts'
import { parsePing } from './probes.ts'

async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function valuesOf(...targets: object[]) {
  const { collect } = await testCollector({ type: 'check', targets })
  const { measurements = [], problems } = await collect()
  expect(problems).toEqual([])
  return Object.fromEntries(measurements.map(({ device, values }) => [device, values]))
}

const latency_ms = expect.any(Number)

test('open and closed ports, pages, and a server that does not answer', async () => {
  const open = await portOf(createServer((socket) => socket.destroy()))
  const web = await portOf(
    createWebServer((request, response) => {
      if (request.url === '/hang') return
      response.writeHead(request.url === '/broken' ? 503 : 200).end('Cổng dịch vụ công')
    }),
  )
  const page = (path: string, more: object = {}) => ({
    check: 'http',
    url: `http://127.0.0.1:${web}${path}`,
    response_ms: 300,
    ...more,
  })
  const closed = await freePort()
  const tcp = (port: number) => ({ check: 'tcp', host: '127.0.0.1', port })
  expect(
    await valuesOf(
      { device: 'open', ...tcp(open) },
      { device: 'closed', ...tcp(closed) },
      { device: 'page', ...page('/', { response_ms: 5000, contains: 'dịch vụ công' }) },
      { device: 'other', ...page('/', { response_ms: 5000, contains: 'bảo trì' }) },
      { device: 'broken', ...page('/broken', { response_ms: 5000 }) },
      { device: 'hangs', ...page('/hang') },
      { device: 'mapped', ...tcp(open), type: 'site_power', values: { network: 'up', latency_ms: 'latency_ms' } },
    ),
  ).toEqual({
    open: { up: true, latency_ms },
    closed: { up: false },
    page: { up: true, status: 200, latency_ms },
    other: { up: false, status: 200, latency_ms },
    broken: { up: false, status: 503, latency_ms },
    hangs: { up: false },
    mapped: { network: true, latency_ms },
  })
})

test.skipIf(!hasProgram('/usr/bin/openssl', 'openssl'))(
  'a certificate has days left, and is trusted or not',
  async () => {
    const folder = testFolder()
    const [key, certificate] = [join(folder, 'key'), join(folder, 'certificate')]
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
      '-subj',
      '/CN=localhost',
    ]
    execFileSync('/usr/bin/openssl', [...request, '-keyout', key, '-out', certificate], { stdio: 'pipe' })
    const port = await portOf(createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }))
    const values = await valuesOf({ device: 'site', check: 'tls-certificate', host: 'localhost', port })
    expect(values['site']?.['up']).toBe(false)
    expect(Math.round(Number(values['site']?.['valid_days']))).toBe(30)
  },
)

test.skipIf(!hasProgram('/bin/ping', 'iputils-ping'))('this machine answers a ping', async () => {
  expect(await valuesOf({ device: 'here', check: 'ping', host: '127.0.0.1', packets: 1 })).toEqual({
    here: { up: true, loss_percent: 0, latency_ms },
  })
})

test.each([
  [
    'iputils',
    '3 packets transmitted, 2 received, 33.3333% packet loss, time 402ms\nrtt min/avg/max/mdev = 0.1/0.25/0.4/0.1 ms',
    { up: true, loss_percent: 33.3333, latency_ms: 0.25 },
  ],
  [
    'BusyBox',
    '3 packets transmitted, 3 packets received, 0% packet loss\nround-trip min/avg/max = 0.05/0.07/0.1 ms',
    { up: true, loss_percent: 0, latency_ms: 0.07 },
  ],
  [
    'Windows',
    'Packets: Sent = 4, Received = 4, Lost = 0 (0% loss),\r\n    Minimum = 1ms, Maximum = 3ms, Average = 2ms',
    { up: true, loss_percent: 0, latency_ms: 2 },
  ],
  ['an unknown host', '', { up: false, loss_percent: 100 }],
  ['no answer', '1 packets transmitted, 0 received, 100% packet loss, time 0ms', { up: false, loss_percent: 100 }],
])('ping of %s is parsed', (_title, text, expected) => {
  expect(parsePing(text)).toEqual(expected)
})

test('a target without what its check needs is refused', async () => {
  const targets = [
    { device: 'a', check: 'tcp', host: 'x' },
    { device: 'a', check: 'http' },
    { device: 'b', check: 'ping', host: 'x', type: 'site_power', values: { online: 'up' } },
  ]
  expect(await configErrors({ type: 'check', targets })).toEqual([
    'collectors[0].targets[0]: missing field port',
    'collectors[0].targets[1].device: another target has this device',
    'collectors[0].targets[1]: missing field url',
    expect.stringContaining('collectors[0].targets[2].values.online: type site_power has no metric online'),
  ])
  expect(await configErrors({ type: 'check', targets: [{ device: 'a', check: 'ping', host: '-f' }] })).toEqual([
    expect.stringContaining('collectors[0].targets[0].host: expected a text like'),
  ])
})
