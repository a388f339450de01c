import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccountStore } from '@ioc/accounts/account-store.ts'
import { AuditLog } from '@ioc/accounts/audit-log.ts'
import { type Role, roles } from '@ioc/contract/roles.ts'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Access } from './access.ts'
import { guardRoutes } from './guard.ts'
import { type Centre, LiveTestClient, startCentre, testPassword } from './testing/centre.ts'
import { logIn } from './testing/log-in.ts'

const onWriteError = (error: unknown): never => {
  throw error
}

let centre: Centre
let accounts: AccountStore
beforeAll(async () => {
  centre = await startCentre()
  accounts = new AccountStore(centre.dataDir)
})
afterAll(() => centre?.stop())

const health = (headers: Record<string, string> = {}) => centre.get('/api/health', headers).then(({ status }) => status)
let count = 0
/** A user of this test alone. */
async function newUser(role: Role = 'viewer') {
  const name = `user-${++count}`
  return { name, ...(await centre.addUser(name, { role })) }
}

it('is open on loopback until there is an account, and says so; it does not open again', async () => {
  const fresh = await startCentre()
  onTestFinished(() => fresh.stop())
  const local = { open: true, user: { name: 'local-admin', role: 'admin' } }
  expect(await fresh.get('/api/session')).toEqual({ status: 200, body: local })
  expect((await fresh.get('/api/health')).status).toBe(200)
  await fresh.addUser('lan', { role: 'admin' })
  expect(await fresh.get('/api/session')).toEqual({ status: 200, body: { open: false, user: null } })
  expect((await fresh.get('/api/health')).status).toBe(401)
  new AccountStore(fresh.dataDir).remove('lan')
  expect((await fresh.get('/api/health')).status).toBe(401)
})

describe('a session', () => {
  it('begins with the password, and ends with logout', async () => {
    const { name } = await newUser('operator')
    expect((await logIn(centre.url, name, 'wrong')).status).toBe(401)
    const { status, cookie, headers, body } = await logIn(centre.url, ` ${name.toUpperCase()}`)
    expect(status).toBe(200)
    expect(body).toEqual({ open: false, user: { name, role: 'operator' } })
    expect(headers.get('set-cookie')).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
    expect(await health({ cookie })).toBe(200)
    const ended = await fetch(`${centre.url}/api/session`, { method: 'DELETE', headers: { cookie } })
    expect([ended.status, ended.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')])
    expect(await health({ cookie })).toBe(401)
  })

  it('has a cookie for encrypted connections only where the browser uses one', async () => {
    const { name } = await newUser()
    const { headers } = await logIn(centre.url, name, testPassword, { 'x-forwarded-proto': 'https' })
    expect(headers.get('set-cookie')).toMatch(/; Secure$/)
  })

  it('is always a new one: a cookie that somebody planted is never taken over', async () => {
    const [attacker, victim] = [await newUser(), await newUser()]
    const planted = await logIn(centre.url, attacker.name)
    const own = await logIn(centre.url, victim.name, testPassword, { cookie: planted.cookie })
    expect(own.cookie).not.toBe(planted.cookie)
    expect(await health({ cookie: planted.cookie })).toBe(401)
    const chosen = `ioc_session=${'A'.repeat(43)}`
    expect((await logIn(centre.url, victim.name, testPassword, { cookie: chosen })).cookie).not.toBe(chosen)
    expect(await health({ cookie: chosen })).toBe(401)
  })

  it('is nobody with the cookies of two users, as where a page below another path sets one', async () => {
    const [one, other] = [await newUser(), await newUser()]
    const cookies = [(await logIn(centre.url, one.name)).cookie, (await logIn(centre.url, other.name)).cookie]
    expect(await health({ cookie: cookies.join('; ') })).toBe(401)
    expect(await health({ cookie: `ioc_session=x; ${cookies[0]}` })).toBe(200)
  })

  it.each([
    ['the user is removed', (name: string) => accounts.remove(name)],
    ['the password is changed', (name: string) => accounts.setPassword(name, 'another password 1')],
    ['the file of the user is damaged', (name: string) => writeFileSync(userFile(name), '{"name"')],
    [
      'the user is removed and another one has the name',
      async (name: string) => {
        accounts.remove(name)
        await accounts.add(name, { role: 'admin' }, 'another password 1')
      },
    ],
  ])('ends with its live connections when %s', async (_what, change) => {
    const { name } = await newUser()
    const { cookie } = await logIn(centre.url, name)
    const live = await new LiveTestClient(centre.url, { cookie }).open()
    await change(name)
    expect(await health({ cookie })).toBe(401)
    expect(await live.closed).toBe(4401)
  })

  it('of an API token ends with the token, and not before', async () => {
    const { name } = await newUser()
    const lasting = { authorization: `Bearer ${accounts.addToken(name, 'lasting', Date.now() + 3_600_000)}` }
    const short = { authorization: `Bearer ${accounts.addToken(name, 'short', Date.now() + 1_500)}` }
    expect(await health(short)).toBe(200)
    const live = await new LiveTestClient(centre.url, short).open()
    expect(await live.closed).toBe(4401)
    expect(await health(short)).toBe(401)
    expect(await health(lasting)).toBe(200)
    const listed = accounts.tokens().filter(({ user }) => user === name)
    expect(listed.map(({ title }) => title)).toEqual(expect.arrayContaining(['lasting', 'short']))
  })

  it('has the role that its user has now', async () => {
    const { name } = await newUser('admin')
    const { cookie } = await logIn(centre.url, name)
    accounts.set(name, { role: 'viewer' })
    const { body } = await centre.get('/api/session', { cookie })
    expect(body).toMatchObject({ user: { role: 'viewer' } })
  })

  it('is refused to a page of another site', async () => {
    const { name } = await newUser()
    for (const headers of [{ origin: 'http://elsewhere.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      expect((await logIn(centre.url, name, testPassword, headers)).status).toBe(403)
    }
  })
})

describe('a token', () => {
  it('is its user until it is revoked, or the user is removed', async () => {
    const { name, authorization } = await newUser('operator')
    expect(await centre.get('/api/session', { authorization })).toMatchObject({ body: { user: { name } } })
    const [token] = accounts.tokens().filter(({ user }) => user === name)
    accounts.removeToken(token?.id ?? '')
    expect(await health({ authorization })).toBe(401)
    const again = { authorization: `Bearer ${accounts.addToken(name, 'again')}` }
    expect(await health(again)).toBe(200)
    accounts.remove(name)
    await accounts.add(name, { role: 'admin' }, testPassword)
    expect(await health(again)).toBe(401)
  })

  it('is kept nowhere', async () => {
    const { authorization } = await newUser()
    const files = accounts.tokens().map(({ id }) => id)
    expect(files.some((id) => authorization.includes(id))).toBe(false)
  })
})

describe('a password', () => {
  const change = (cookie: string, current: string, next: string) =>
    fetch(`${centre.url}/api/session/password`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ current, next }),
    })

  it('is changed by who knows it; the other sessions end', async () => {
    const { name } = await newUser()
    const [here, elsewhere] = [await logIn(centre.url, name), await logIn(centre.url, name)]
    expect((await change(here.cookie, 'wrong', 'another password 1')).status).toBe(403)
    for (const weak of ['short', 'aaaaaaaaaaaa', `xyz ${name} 123`]) {
      expect((await change(here.cookie, testPassword, weak)).status).toBe(400)
    }
    const changed = await change(here.cookie, testPassword, 'another password 1')
    expect(changed.status).toBe(200)
    expect(await health({ cookie: elsewhere.cookie })).toBe(401)
    expect(await health({ cookie: here.cookie })).toBe(401)
    expect(await health({ cookie: (changed.headers.get('set-cookie') ?? '').split(';')[0] ?? '' })).toBe(200)
    expect((await logIn(centre.url, name)).status).toBe(401)
    expect((await logIn(centre.url, name, 'another password 1')).status).toBe(200)
  })

  it('of an account is locked after wrong ones, from many addresses too; its owner goes on', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'ioc-lock-'))
    const access = new Access({ dataDir, bind: '0.0.0.0', apiToken: '' }, onWriteError)
    await access.accounts.add('lan', { role: 'viewer' }, testPassword)
    const from = (remoteAddress: string) =>
      ({ headers: {}, socket: { remoteAddress } }) as Parameters<Access['login']>[2]
    expect((await access.login('lan', testPassword, from('10.0.0.1'))).status).toBe(200)
    const guesses = Array.from({ length: 30 }, (_, index) =>
      access.login('lan', `guess ${index}`, from(`10.1.0.${index}`)),
    )
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(20)
    expect((await access.login('lan', testPassword, from('10.2.0.1'))).status).toBe(429)
    expect((await access.login('lan', testPassword, from('10.0.0.1'))).status).toBe(200)
    // A name that nobody has is locked alike.
    for (let index = 0; index < 10; index++) await access.login('nobody', 'x', from(`10.3.0.${index}`))
    expect((await access.login('nobody', 'x', from('10.3.0.99'))).status).toBe(429)
    expect(access.audit.read(10, ({ what }) => what === 'session.lock').map(({ who }) => who)).toEqual([
      'lan',
      'unknown',
    ])
  })

  it('is compared for so many at a time, whatever comes; other requests are answered meanwhile', async () => {
    const flooded = await startCentre()
    onTestFinished(() => flooded.stop())
    await flooded.addUser('lan', { role: 'viewer' })
    const { cookie } = await logIn(flooded.url, 'lan')
    const flood = Promise.all(Array.from({ length: 300 }, (_, index) => logIn(flooded.url, `name-${index}`, 'wrong')))
    expect((await flooded.get('/api/health', { cookie })).status).toBe(200)
    const statuses = (await flood).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(290)
  })
})

it('a route is refused to every role below its own, and has the user that made the request', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ioc-roles-'))
  const access = new Access({ dataDir, bind: '127.0.0.1', apiToken: '' }, onWriteError)
  const app = Fastify()
  onTestFinished(() => app.close())
  guardRoutes(
    app,
    access,
    () => undefined,
    () => undefined,
  )
  for (const role of roles) {
    app.get(`/${role}`, { config: { role } }, (request) => request.user)
    await access.accounts.add(`a-${role}`, { role }, testPassword)
  }
  const headersOf = (role: Role) => ({ authorization: `Bearer ${access.accounts.addToken(`a-${role}`, 'test')}` })
  const statuses = await Promise.all(
    roles.map(async (role) => {
      const headers = headersOf(role)
      const answers = await Promise.all(roles.map((needed) => app.inject({ url: `/${needed}`, headers })))
      expect(answers[0]?.json()).toEqual({ name: `a-${role}`, role })
      return answers.map(({ statusCode }) => statusCode)
    }),
  )
  expect(statuses).toEqual([
    [200, 403, 403, 403],
    [200, 200, 403, 403],
    [200, 200, 200, 403],
    [200, 200, 200, 200],
  ])
})

it('writes down who did what, from where', async () => {
  const { name } = await newUser()
  const { cookie } = await logIn(centre.url, name)
  await fetch(`${centre.url}/api/session`, { method: 'DELETE', headers: { cookie } })
  const entries = new AuditLog(centre.dataDir).read(10, ({ who }) => who === name)
  expect(entries).toMatchObject([
    { what: 'session.login', from: '127.0.0.1', at: expect.any(Number) },
    { what: 'session.logout', from: '127.0.0.1' },
  ])
})

it('keeps sessions over a restart, and no cookie or password on disk', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ioc-restart-'))
  const options = { dataDir, bind: '127.0.0.1', apiToken: '' }
  await new Access(options, onWriteError).accounts.add('lan', { role: 'viewer' }, testPassword)
  const request = { headers: {}, socket: { remoteAddress: '127.0.0.1' } } as Parameters<Access['login']>[2]
  const login = await new Access(options, onWriteError).login('lan', testPassword, request)
  const cookie = login.status === 200 ? (login.cookie.split(';')[0] ?? '') : ''
  const later = { ...request, headers: { cookie } }
  expect(new Access(options, onWriteError).decide(later)).toMatchObject({ status: 200, user: { name: 'lan' } })
  const written = readFileSync(join(dataDir, 'accounts/sessions.json'), 'utf8')
  expect(written).not.toContain(cookie.split('=')[1])
  rmSync(dataDir, { recursive: true })
})

const userFile = (name: string) => join(centre.dataDir, 'accounts/users', `${name}.json`)
