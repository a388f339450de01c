import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AccountLock } from './account-lock.ts'
import { AccountStore } from './account-store.ts'
import { type AuditEntry, AuditLog } from './audit-log.ts'
import { PasswordHasher } from './password.ts'
import { Sessions } from './sessions.ts'

const newFolder = () => mkdtempSync(join(tmpdir(), 'ioc-accounts-'))
const password = 'correct horse 4'
const dayMs = 86_400_000
const start = Date.parse('2026-11-30T00:00:00Z')

describe('accounts', () => {
  test('files are readable by this user only, and hold no password and no token', async () => {
    const folder = newFolder()
    const store = new AccountStore(folder)
    await store.add('lan', { role: 'viewer' }, password)
    const token = store.addToken('lan', 'test')
    const files = readdirSync(join(folder, 'accounts'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    expect(files).toHaveLength(2)
    for (const file of files) {
      expect(statSync(file).mode & 0o077).toBe(0)
      expect(file + readFileSync(file, 'utf8')).not.toMatch(new RegExp(`${password}|${token}`))
    }
  })

  test.each(['Lan', '', '../lan', 'a b', 'lan/x', '.lan', 'local-admin', 'api-token', 'x'.repeat(33), 'đơn', 'a\n'])(
    '%j cannot be a name',
    async (name) => {
      const store = new AccountStore(newFolder())
      await expect(store.add(name, { role: 'viewer' }, password)).rejects.toMatchObject({ code: 'NAME_INVALID' })
      expect(store.find(name)).toBeUndefined()
    },
  )

  test.each(['short', 'x'.repeat(201), 'aaaaaaaaaaaa', 'has Lan inside'])(
    '%j cannot be the password of lan',
    async (weak) => {
      const store = new AccountStore(newFolder())
      await expect(store.add('lan', { role: 'viewer' }, weak)).rejects.toMatchObject({ code: 'PASSWORD_INVALID' })
      expect(store.isUsed).toBe(false)
    },
  )

  test('an account that exists is not replaced, also by two commands at once', async () => {
    const store = new AccountStore(newFolder())
    const outcomes = await Promise.allSettled([
      store.add('lan', { role: 'viewer' }, password),
      new AccountStore(newFolder()).add('lan', { role: 'viewer' }, password),
      store.add('lan', { role: 'admin' }, password),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(store.find('lan')?.role).toBe('viewer')
  })

  test('a file with an unknown role, or of another name, is no account', async () => {
    const folder = newFolder()
    const store = new AccountStore(folder)
    await store.add('lan', { role: 'viewer' }, password)
    const file = join(folder, 'accounts/users/lan.json')
    const stored = readFileSync(file, 'utf8')
    writeFileSync(file, stored.replace('"viewer"', '"root"'))
    expect(store.find('lan')).toBeUndefined()
    writeFileSync(join(folder, 'accounts/users/hung.json'), stored)
    expect(store.find('hung')).toBeUndefined()
  })

  test('a password in another Unicode form is the same one', async () => {
    const store = new AccountStore(newFolder())
    const text = 'mật khẩu dài'
    await store.add('lan', { role: 'viewer' }, text.normalize('NFC'))
    expect(await store.verify('lan', text.normalize('NFD'))).toMatchObject({ name: 'lan' })
  })

  test('limits are replaced as a whole', async () => {
    const store = new AccountStore(newFolder())
    await store.add('lan', { role: 'viewer', areas: ['24931'] }, password)
    expect(store.set('lan', { role: 'operator', unit: 'ioc' })).toMatchObject({ role: 'operator', unit: 'ioc' })
    expect(store.find('lan')).not.toHaveProperty('areas')
    expect(await store.verify('lan', password)).toMatchObject({ role: 'operator' })
  })
})

describe('passwords', () => {
  test('an unknown user costs the same hash as a known one', async () => {
    const hasher = new PasswordHasher()
    const stored = await hasher.hash(password)
    const { N, r, p } = stored
    expect(await hasher.verify(password, stored)).toBe(true)
    expect(await hasher.verify(password, undefined)).toBe(false)
    expect({ N, r, p }).toEqual({ N: 16_384, r: 8, p: 5 })
  })

  test('more than may wait are refused at once; known addresses go first', async () => {
    const hasher = new PasswordHasher(3)
    const order: string[] = []
    const check = (name: string, isTrusted = false) =>
      hasher.verify(password, undefined, isTrusted).then(
        () => order.push(name),
        ({ code }) => order.push(`${name}: ${code}`),
      )
    await Promise.all([check('running'), check('stranger'), check('other'), check('trusted', true), check('refused')])
    expect(order).toEqual(['refused: LOGIN_BUSY', 'running', 'trusted', 'stranger', 'other'])
  })
})

describe('a session', () => {
  const onWriteError = (error: unknown): never => {
    throw error
  }
  async function begin(limits = {}) {
    const folder = newFolder()
    const store = new AccountStore(folder)
    const account = await store.add('lan', { role: 'viewer' }, password)
    const sessions = new Sessions(folder, onWriteError, limits)
    const find = (name: string) => store.find(name)
    const isValid = (cookie: string, now: number) => sessions.account(cookie, find, now) !== undefined
    return { folder, account, sessions, isValid, find }
  }

  test('ends without use, and after its longest time', async () => {
    const { account, sessions, isValid } = await begin()
    const unused = sessions.begin(account, start)
    expect(isValid(unused, start + 7 * dayMs - 1)).toBe(true)
    expect(isValid(unused, start + 14 * dayMs)).toBe(false)
    const used = sessions.begin(account, start)
    for (let day = 1; day < 30; day++) expect(isValid(used, start + day * dayMs)).toBe(true)
    expect(isValid(used, start + 30 * dayMs)).toBe(false)
  })

  test('of a clock that was wrong ends with the error', async () => {
    const { account, sessions, isValid } = await begin()
    const ofFuture = sessions.begin(account, start + 365 * dayMs)
    expect(isValid(ofFuture, start)).toBe(false)
    const now = sessions.begin(account, start)
    // A small step back, as by NTP, ends nothing.
    expect(isValid(now, start - 60_000)).toBe(true)
    expect(isValid(now, start + 365 * dayMs)).toBe(false)
    expect(isValid(now, start + 1_000)).toBe(true)
  })

  test('is one of a limited number; the one that was used the longest time ago ends', async () => {
    const { account, sessions, isValid } = await begin({ maxPerAccount: 2 })
    const [first, second] = [sessions.begin(account, start), sessions.begin(account, start + 1)]
    expect(isValid(first, start + 2)).toBe(true)
    const third = sessions.begin(account, start + 3)
    expect([first, second, third].map((cookie) => isValid(cookie, start + 4))).toEqual([true, false, true])
  })

  test('survives a restart; a damaged file is no session', async () => {
    const { folder, account, sessions, find } = await begin()
    const cookie = sessions.begin(account, start)
    expect(new Sessions(folder, onWriteError).account(cookie, find, start)).toMatchObject({ name: 'lan' })
    const file = join(folder, 'accounts/sessions.json')
    for (const damaged of ['{"', 'null', '[]', '5', '{"a":null,"b":{},"c":5}']) {
      writeFileSync(file, damaged)
      const sessions = new Sessions(folder, onWriteError)
      expect(sessions.account(cookie, find, start)).toBeUndefined()
      expect(sessions.account(sessions.begin(account, start), find, start)).toMatchObject({ name: 'lan' })
    }
  })

  test('begins where it cannot be written; its end then fails', async () => {
    const { folder, account, find } = await begin()
    const errors: unknown[] = []
    const sessions = new Sessions(folder, (error) => errors.push(error))
    mkdirSync(join(folder, 'accounts/sessions.json'))
    const cookie = sessions.begin(account, start)
    expect(sessions.account(cookie, find, start)).toMatchObject({ name: 'lan' })
    expect(errors).toMatchObject([{ code: 'EISDIR' }])
    expect(() => sessions.end(cookie, start)).toThrow('EISDIR')
    expect(sessions.account(cookie, find, start)).toBeUndefined()
  })
})

describe('the lock of an account', () => {
  test('opens when its time is over, not by attempts that go on', () => {
    const lock = new AccountLock({ maxPerAccount: 3, windowMs: 1_000 })
    for (let at = 0; at < 3; at++) lock.noteAttempt('lan', `10.0.0.${at}`, at)
    expect(lock.waitMs('lan', '10.0.0.9', 3)).toBe(997)
    expect(lock.waitMs('hung', '10.0.0.9', 3)).toBe(0)
    expect(lock.waitMs('lan', '10.0.0.9', 1_000)).toBe(0)
  })

  test('counts an address that knew the password by itself', () => {
    const lock = new AccountLock({ maxPerAccount: 2, windowMs: 1_000 })
    lock.noteAttempt('lan', 'desk', 0)
    lock.noteRight('lan', 'desk')
    for (let at = 0; at < 2; at++) lock.noteAttempt('lan', 'stranger', at)
    expect([lock.waitMs('lan', 'stranger', 2), lock.waitMs('lan', 'desk', 2)]).toEqual([998, 0])
    for (let at = 0; at < 2; at++) lock.noteAttempt('lan', 'desk', at)
    expect(lock.waitMs('lan', 'desk', 2)).toBe(998)
  })

  test('remembers a limited number of names', () => {
    const lock = new AccountLock({ maxPerAccount: 1, windowMs: 1_000, maxKeys: 2 })
    for (const name of ['a', 'b', 'c']) lock.noteAttempt(name, '', 0)
    expect(['a', 'b', 'c'].map((name) => lock.waitMs(name, '', 0) > 0)).toEqual([false, true, true])
  })
})

describe('the audit log', () => {
  const entry = (target: string): AuditEntry => ({ at: start, who: 'lan', what: 'user.add', target, from: 'ioc' })
  const targets = (log: AuditLog, max = 1_000) => log.read(max).map(({ target }) => target)

  test('keeps a limited number of files of limited size, the newest', () => {
    const folder = newFolder()
    const log = new AuditLog(folder, { maxFileBytes: 200, maxFiles: 3 })
    for (let count = 0; count < 50; count++) log.append(entry(String(count)))
    expect(readdirSync(join(folder, 'audit'))).toHaveLength(3)
    expect(targets(log).at(-1)).toBe('49')
    expect(targets(log, 2)).toEqual(['48', '49'])
  })

  test('logins, however many, evict no change', () => {
    const log = new AuditLog(newFolder(), { maxFileBytes: 200, maxFiles: 2 })
    log.append(entry('change'))
    for (let at = start + 1; at < start + 50; at++)
      log.append({ at, who: 'lan', what: 'session.login', from: '10.0.0.1' })
    expect(targets(log)[0]).toBe('change')
    expect(log.read(1)).toMatchObject([{ at: start + 49 }])
  })

  test('a line that a crash cut off costs that line alone', () => {
    const folder = newFolder()
    const log = new AuditLog(folder)
    log.append(entry('one'))
    appendFileSync(join(folder, 'audit/changes-000001.jsonl'), '{"at":17')
    log.append(entry('two'))
    expect(targets(log)).toEqual(['one', 'two'])
  })

  test('what somebody wrote stays one line of limited length', () => {
    const folder = newFolder()
    const log = new AuditLog(folder)
    log.append({ ...entry('x'), detail: { note: `"}\n{"who":"root"}${'x'.repeat(10_000)}` } })
    expect(log.read(10)).toHaveLength(1)
    expect(statSync(join(folder, 'audit/changes-000001.jsonl')).size).toBeLessThan(1_000)
  })

  test('several processes append at once, and no line is lost', async () => {
    const folder = newFolder()
    const module = new URL('./audit-log.ts', import.meta.url).href
    const script = (name: string) => `import(${JSON.stringify(module)}).then(({ AuditLog }) => {
      const log = new AuditLog(${JSON.stringify(folder)}, { maxFileBytes: 2000, maxFiles: 1000 })
      for (let i = 0; i < 200; i++) log.append({ at: i, who: '${name}', what: 'user.add', target: String(i), from: 'ioc' }) })`
    const children = ['a', 'b', 'c'].map((name) =>
      spawn(process.execPath, ['--eval', script(name)], { stdio: 'inherit' }),
    )
    await Promise.all(children.map((child) => once(child, 'close')))
    const entries = new AuditLog(folder).read(10_000)
    for (const name of ['a', 'b', 'c']) {
      expect(entries.filter(({ who }) => who === name).map(({ at }) => at)).toEqual(
        Array.from({ length: 200 }, (_, i) => i),
      )
    }
  })
})
