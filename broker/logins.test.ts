import { randomBytes, scryptSync } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, cpSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeTopic } from '@ioc/contract/topics.ts'
import type { Credential } from '@ioc/runtime/credential-file.ts'
import { generate } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { credentialFolder } from './credentials/credential-store.ts'
import { closed, connectPacket, rawClient, rawConnect } from './testing/mqtt.ts'
import { startTestBroker, type TestBroker } from './testing/start.ts'

let broker: TestBroker
beforeEach(async () => {
  broker = await startTestBroker()
})
afterEach(() => broker.stop())

const fileOf = (username: string) => join(credentialFolder(broker.dataDir), `${encodeURIComponent(username)}.json`)
const stored = (username: string) => JSON.parse(readFileSync(fileOf(username), 'utf8')) as Record<string, string>

async function add(username: string): Promise<Credential> {
  return { username, password: await broker.credentials.add(username, 'node') }
}

/** A credential as earlier versions wrote them. */
function addOld(username: string, password = randomBytes(18).toString('base64url')): Credential {
  const salt = randomBytes(16)
  const hash = scryptSync(password, salt, 32, { N: 1 << 14, r: 8, p: 1 }).toString('hex')
  const created = new Date().toISOString()
  const credential = { username, role: 'node', salt: salt.toString('hex'), hash, created }
  writeFileSync(fileOf(username), `${JSON.stringify(credential, null, 2)}\n`, { mode: 0o600 })
  return { username, password }
}

describe('logins', () => {
  test('an old credential works, and its generated password is upgraded in place', async () => {
    const credential = addOld('site-1/old')
    const { ino, size } = statSync(fileOf('site-1/old'))
    await expect(broker.connect({ ...credential, password: 'wrong' })).rejects.toMatchObject({ code: 5 })
    expect(stored('site-1/old')['kind']).toBeUndefined()
    const client = await broker.connect(credential)
    expect(stored('site-1/old')).toMatchObject({ kind: 'hmac', username: 'site-1/old', role: 'node' })
    expect(statSync(fileOf('site-1/old'))).toMatchObject({ ino, size })
    expect((await broker.connect({ ...credential, clientId: 'again' })).connected).toBe(true)
    await expect(broker.connect({ ...credential, password: 'wrong' })).rejects.toMatchObject({ code: 5 })
    expect(client.connected).toBe(true)
  })

  test('a password that people chose keeps its slow hash', async () => {
    const credential = addOld('site-1/old', 'mật khẩu')
    await broker.connect(credential)
    await broker.connect({ ...credential, clientId: 'again' })
    expect(stored('site-1/old')['kind']).toBeUndefined()
  })

  test('a remembered password ends with its credential', async () => {
    const credential = addOld('site-1/old', 'chosen')
    await broker.connect(credential)
    addOld('site-1/old', 'another')
    await expect(broker.connect({ ...credential, clientId: 'again' })).rejects.toMatchObject({ code: 5 })
  })

  test('guesses at old credentials are limited, and what is remembered or upgraded still gets in', async () => {
    const chosen = addOld('site-1/chosen', 'chosen')
    await broker.connect(chosen)
    const fast = await add('site-1/fast')
    const guesses = Array.from({ length: 60 }, () => {
      const client = rawClient(broker.port)
      client.send(connectPacket({ username: 'site-1/chosen', password: 'guess' }))
      return client.closed
    })
    expect((await broker.connect({ ...chosen, clientId: 'again' })).connected).toBe(true)
    expect((await broker.connect(fast)).connected).toBe(true)
    await Promise.all(guesses)
  })

  test('messages go on while hundreds log in with wrong names and passwords, or leave at once', async () => {
    const connected = await broker.connect(await add('site-1/busy'))
    const topic = nodeTopic({ site: 'site-1', node: 'busy' }, 'telemetry')
    let storming = true
    const storm = Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const client = rawClient(broker.port)
        const username = index % 2 ? 'site-1/nobody' : 'site-1/busy'
        client.send(connectPacket({ username, password: 'guess' }, { clientId: `${index}` }))
        if (index % 3 === 0) client.socket.destroySoon()
        await client.closed
      }),
    ).finally(() => {
      storming = false
    })
    let sent = 0
    while (storming) {
      await connected.publishAsync(topic, `{"x":${sent}}`, { qos: 1 })
      sent++
    }
    await storm
    expect(await broker.logged()).toHaveLength(sent)
    expect((await broker.connect(await add('site-1/later'))).connected).toBe(true)
  })

  describe('while somebody guesses from the address of a device', () => {
    const guesses = 60
    let answered = 0

    /** Guesses that wait for their turn: each is a connection that has sent its CONNECT. */
    async function guess(usernameOf: (index: number) => string): Promise<void> {
      answered = 0
      const sockets = Array.from({ length: guesses }, (_, index) => {
        const client = rawClient(broker.port)
        const credential = { username: usernameOf(index), password: `guess-${index}` }
        client.send(connectPacket(credential, { clientId: `guess-${index}` }))
        void client.closed.then(() => answered++)
        return client.socket
      })
      await Promise.all(sockets.map((socket) => once(socket, 'connect')))
      await vi.waitFor(() => expect(answered).toBeGreaterThan(0))
    }

    beforeEach(async () => {
      await broker.stop()
      broker = await startTestBroker({ IOC_MQTT_MAX_CONNECTIONS_PER_SECOND: '10' })
    })

    test.each([
      ['its own username', true, () => 'site-1/own'],
      ['the username of another device, and its password was right lately', true, () => 'site-1/other'],
      ['usernames that do not exist, and it was not seen since the start', false, (index: number) => `s/n-${index}`],
      ['the username of another device, and it was not seen since the start', false, () => 'site-1/other'],
    ])('at %s, it does not wait behind the guesses', async (_what, isRemembered, usernameOf) => {
      const own = await add('site-1/own')
      await add('site-1/other')
      if (isRemembered) (await broker.connect(own)).end()
      await guess(usernameOf)
      expect((await broker.connect({ ...own, clientId: 'again' })).connected).toBe(true)
      expect(answered).toBeLessThan(guesses / 2)
    })

    test('at a chosen password, other devices with chosen passwords do not wait behind the guesses', async () => {
      const own = addOld('site-1/own', 'chosen')
      addOld('site-1/other', 'mật khẩu')
      await guess(() => 'site-1/other')
      expect((await broker.connect(own)).connected).toBe(true)
      expect(answered).toBeLessThan(guesses / 2)
    })

    test('with all connections that an address may have, a guess makes room for it', async () => {
      await broker.stop()
      broker = await startTestBroker({
        IOC_MQTT_MAX_CONNECTIONS_PER_SECOND: '10',
        IOC_MQTT_MAX_CONNECTIONS_PER_ADDRESS: `${guesses / 2}`,
      })
      const own = await add('site-1/own')
      await guess(() => 'site-1/nobody')
      expect((await broker.connect(own)).connected).toBe(true)
    })
  })

  test('1,000 nodes that connect at the same moment all get in', async () => {
    const credentials = await Promise.all(Array.from({ length: 1000 }, (_, index) => add(`site-1/agent-${index}`)))
    const clients = await Promise.all(credentials.map((credential) => rawConnect(broker.port, credential)))
    expect(broker.gauges()['connections']).toBe(1000)
    for (const client of clients) client.socket.destroy()
  })

  test('a session that nobody can resume, or a client id without end, is refused with its code', async () => {
    const credential = await add('site-1/a')
    // The library for packets refuses to write the first: its flag of a clean session is taken out by hand.
    const nameless = generate(connectPacket(credential, { clientId: '' }))
    nameless[9] = (nameless[9] as number) & ~0b10
    for (const packet of [nameless, generate(connectPacket(credential, { clientId: 'x'.repeat(600) }))]) {
      const client = rawClient(broker.port)
      client.socket.write(packet)
      expect(await client.next()).toMatchObject({ cmd: 'connack', returnCode: 2 })
    }
    expect((await rawConnect(broker.port, credential, { clientId: '' })).socket.destroyed).toBe(false)
  })
})

describe('a revoked credential ends its connections', () => {
  test.each([
    ['a new password', async (username: string) => void (await broker.credentials.add(username, 'node'))],
    ['removal', async (username: string) => broker.credentials.remove(username)],
    ['deletion of its file', async (username: string) => rmSync(fileOf(username))],
    ['a file that is not whole', async (username: string) => writeFileSync(fileOf(username), '{"username":')],
    [
      'another folder in place of the old one',
      async (username: string) => {
        const folder = credentialFolder(broker.dataDir)
        cpSync(folder, `${folder}.backup`, { recursive: true })
        rmSync(join(`${folder}.backup`, `${encodeURIComponent(username)}.json`))
        renameSync(folder, `${folder}.old`)
        renameSync(`${folder}.backup`, folder)
      },
    ],
    [
      'deletion after the folder was replaced by another',
      async (username: string) => {
        const folder = credentialFolder(broker.dataDir)
        cpSync(folder, `${folder}.copy`, { recursive: true })
        rmSync(folder, { recursive: true })
        renameSync(`${folder}.copy`, folder)
        await new Promise((resolve) => setTimeout(resolve, 100))
        rmSync(fileOf(username))
      },
    ],
  ])('%s; others stay', async (_what, revoke) => {
    const other = await broker.connect(await add('site-1/other'))
    const client = await broker.connect(await add('site-1/revoked'))
    const second = await broker.connect({ ...(await add('site-1/third')), clientId: 'third' })
    const ending = closed(client)
    await revoke('site-1/revoked')
    await ending
    await other.publishAsync(nodeTopic({ site: 'site-1', node: 'other' }, 'telemetry'), '{"x":1}', { qos: 1 })
    await second.publishAsync(nodeTopic({ site: 'site-1', node: 'third' }, 'telemetry'), '{"x":1}', { qos: 1 })
    expect(await broker.logged()).toHaveLength(2)
  })

  test('without a watch it takes the next look at the folder', async () => {
    await broker.stop()
    const folder = credentialFolder(broker.dataDir)
    // No watch can be had of a folder that is not there.
    renameSync(folder, `${folder}.aside`)
    broker = await startTestBroker({}, broker.dataDir)
    cpSync(`${folder}.aside`, folder, { recursive: true })
    chmodSync(folder, 0o750)
    const client = await broker.connect(await add('site-1/revoked'))
    const ending = closed(client)
    rmSync(fileOf('site-1/revoked'))
    await ending
  })

  test('100 new credentials disturb nobody', async () => {
    const connected = await broker.connect(await add('site-1/busy'))
    const topic = nodeTopic({ site: 'site-1', node: 'busy' }, 'telemetry')
    for (let index = 0; index < 100; index++) {
      await add(`site-2/node-${index}`)
      await connected.publishAsync(topic, `{"x":${index}}`, { qos: 1 })
    }
    expect(await broker.logged()).toHaveLength(100)
    await vi.waitFor(() => expect(broker.gauges()['connections']).toBe(1))
  })
})
