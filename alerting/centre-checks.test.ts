import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { AccountStore } from '@ioc/accounts/account-store.ts'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { causeId, type ThingId } from '@ioc/contract/messages/incidents.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type CentreChecks, createCentreChecker, diskOf, endpointsOf, expiryOf } from './centre-checks.ts'
import { expiringCredentials } from './expiring-credentials.ts'
import { observeCentre } from './self-observer.ts'
import { hasOpenssl, makeCertificate } from './testing/certificate.ts'
import { hour, minute, monday, Watch } from './testing/watch.ts'

const day = 24 * hour
const noLogger = { warn: () => undefined }

/** A TLS server whose certificate is valid for so many days. */
async function serveTls(days: number): Promise<string> {
  const { key, cert } = makeCertificate(days)
  const server = createTlsServer({ key, cert }, (socket) => socket.on('error', () => undefined))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.runIf(hasOpenssl())('the certificate of an endpoint is read, whatever its name and authority', async () => {
  const endpoint = await serveTls(30)
  const days = ((await expiryOf(endpoint)) - Date.now()) / day
  expect(Math.round(days)).toBe(30)
})

test.runIf(hasOpenssl())(
  'an endpoint without TLS, or without anything, has no certificate, and the others are read',
  async () => {
    const plain = createServer((socket) => socket.end('hello'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void plain.close())
    const { port } = plain.address() as AddressInfo
    await expect(expiryOf(`127.0.0.1:${port}`)).rejects.toThrow()
    await expect(expiryOf('127.0.0.1:1')).rejects.toThrow('ECONNREFUSED')
    const endpoint = await serveTls(5)
    const checker = createCentreChecker(tmpdir(), ['127.0.0.1:1', endpoint], noLogger)
    onTestFinished(() => checker.stop())
    checker.start()
    await vi.waitFor(() => expect([...checker.found.certificates.keys()]).toEqual([endpoint]), { timeout: 30_000 })
    await vi.waitFor(() => expect(checker.found.disk?.totalBytes).toBeGreaterThan(0), { timeout: 30_000 })
  },
)

test('the free space of the data folder is that of df', async () => {
  const [, line = ''] = execFileSync('df', ['-B1', '--output=avail,size', tmpdir()]).toString().trim().split('\n')
  const [available = 0] = line.trim().split(/\s+/).map(Number)
  const { freeBytes, totalBytes } = await diskOf(tmpdir())
  // Others write meanwhile.
  expect(Math.abs(freeBytes - available)).toBeLessThan(1e9)
  expect(totalBytes).toBeGreaterThan(freeBytes)
})

test('endpoints are those that are named, and that of an address with https', () => {
  expect(endpointsOf('', '')).toEqual([])
  expect(endpointsOf('', 'http://ioc.example.vn')).toEqual([])
  expect(endpointsOf('mqtt.example.vn:8883, ioc.example.vn:443', 'https://ioc.example.vn/')).toEqual([
    'ioc.example.vn:443',
    'mqtt.example.vn:8883',
  ])
})

/** The watch, which looks at the same things every minute. */
function play(watch: Watch, found: Partial<CentreChecks>, ms = 2 * minute): string[] {
  for (const end = watch.now + ms; watch.now < end; watch.now += minute)
    watch.do(
      ...observeCentre({ disk: undefined, certificates: new Map(), credentials: [], ...found }, watch.state, watch.now),
      {
        kind: 'tick',
      },
    )
  return watch.active.map(({ title, severity }) => `${severity}: ${title.vi}`)
}
const watchAt = (now: number) => {
  const watch = new Watch([])
  watch.now = now
  return watch
}
const disk = (freeBytes: number, totalBytes: number) => ({ disk: { freeBytes, totalBytes } })

test('a disk that fills is an incident, which gets worse, and ends where there is room again', () => {
  const watch = watchAt(monday)
  expect(play(watch, disk(11e9, 100e9))).toEqual([])
  expect(play(watch, disk(9e9, 100e9))).toEqual(['medium: Ổ đĩa của trung tâm thiếu chỗ trống'])
  expect(play(watch, disk(11e9, 100e9))).toHaveLength(1)
  expect(play(watch, disk(2e9, 100e9))).toEqual(['critical: Ổ đĩa của trung tâm thiếu chỗ trống'])
  expect(watch.active[0]).toMatchObject({ problem: 'full' })
  expect(play(watch, disk(13e9, 100e9))).toEqual([])
})

test('of a large disk bytes count, of a small one a share; a disk that was not looked at stays as it was', () => {
  expect(play(watchAt(monday), disk(25e9, 4_000e9))).toEqual([])
  expect(play(watchAt(monday), disk(15e9, 4_000e9))).toHaveLength(1)
  expect(play(watchAt(monday), disk(1.5e9, 10e9))).toEqual([])
  const watch = watchAt(monday)
  expect(play(watch, disk(0.9e9, 10e9))).toHaveLength(1)
  expect(play(watch, {})).toHaveLength(1)
})

const renewed = (thing: ThingId, days: number, createdDaysAgo = 60): Pick<CentreChecks, 'credentials'> => ({
  credentials: [
    {
      ...{ thing, kind: 'node', name: 'x' },
      created: monday - createdDaysAgo * day,
      expires: monday + days * day,
    } as const,
  ],
})

test.each([
  ['of a node', 'credential/node/ka-do/tram-01', 'Cần gia hạn thông tin đăng nhập của trạm ka-do/tram-01'],
  ['of a program', 'credential/token/lan/3f9a12bc', 'Cần gia hạn mã truy cập API lan/3f9a12bc'],
] as const)('a credential %s is an incident before its end and after it, until it is renewed', (_of, thing, title) => {
  const watch = watchAt(monday)
  expect(play(watch, renewed(thing, 30))).toEqual([])
  expect(play(watch, renewed(thing, 14))).toEqual([`medium: ${title}`])
  expect(watch.state.problems.get(causeId(thing, 'stopped'))).toMatchObject({ state: 'expiring' })
  expect(play(watch, renewed(thing, -1))).toEqual([`high: ${title}`])
  expect(watch.active[0]).toMatchObject({ problem: 'expired' })
  expect(play(watch, renewed(thing, 90))).toEqual([])
})

test('a credential for some hours is no incident when it is made, and one that was revoked is none either', () => {
  const watch = watchAt(monday)
  const thing = 'credential/token/lan/3f9a12bc'
  expect(play(watch, renewed(thing, 0.5, 0))).toEqual([])
  expect(play(watch, renewed(thing, -0.1, 1))).toHaveLength(1)
  expect(play(watch, { credentials: [] })).toEqual([])
})

test('credentials that expire are read from the files of nodes and of users, and others are not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-expiring-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const nodes = openCredentialStore(folder)
  await nodes.add('ka-do/tram-01', 'node', { expires: 5_000 })
  await nodes.add('ka-do/tram-02', 'node')
  const accounts = new AccountStore(folder)
  await accounts.add('lan', { role: 'viewer' }, 'correct horse 4')
  accounts.addToken('lan', 'grafana', 7_000)
  accounts.addToken('lan', 'for ever')
  const [token] = accounts.tokens().filter(({ expires }) => expires !== null)
  const found = expiringCredentials(folder).map(({ thing, expires }) => [thing, expires])
  expect(found).toEqual([
    ['credential/node/ka-do/tram-01', 5_000],
    [`credential/token/lan/${token?.id}`, 7_000],
  ])
  const checker = createCentreChecker(folder, [], noLogger)
  onTestFinished(() => checker.stop())
  checker.start()
  expect(checker.found.credentials).toHaveLength(2)
})

test('a certificate is an incident three weeks before its end, worse after it, and over with the next one', () => {
  const watch = watchAt(monday)
  const until = (days: number) => ({ certificates: new Map([['ioc.example.vn:443', monday + days * day]]) })
  expect(play(watch, until(22))).toEqual([])
  expect(play(watch, until(20))).toEqual(['medium: Cần gia hạn chứng chỉ TLS ioc.example.vn:443'])
  const thing: ThingId = 'certificate/ioc.example.vn:443'
  expect(watch.state.problems.get(causeId(thing, 'stopped'))?.since).toBe(monday - day)
  expect(play(watch, until(-1))).toEqual(['high: Cần gia hạn chứng chỉ TLS ioc.example.vn:443'])
  expect(watch.active[0]).toMatchObject({ problem: 'expired' })
  expect(play(watch, until(90))).toEqual([])
})
