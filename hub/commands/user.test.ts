import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { AccountStore } from '@ioc/accounts/account-store.ts'
import { expect, test } from 'vitest'

const main = join(import.meta.dirname, '../main.ts')
const district = join(import.meta.dirname, '../../district')
const newFolder = () => mkdtempSync(join(tmpdir(), 'ioc-user-'))

function ioc(dataDir: string, args: readonly string[], input = '') {
  const env = { ...process.env, IOC_DATA_DIR: dataDir, IOC_DISTRICT: district }
  const child = spawn(process.execPath, [main, ...args], { env })
  const written = { output: '', errors: '' }
  child.stdout.on('data', (data) => {
    written.output += data
  })
  child.stderr.on('data', (data) => {
    written.errors += data
  })
  child.stdin.end(input)
  return new Promise<{ code: number | null; output: string; errors: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, ...written })),
  )
}

test('a user is added, changed, given a token and removed, and each change is in the audit log', async () => {
  const folder = newFolder()
  const store = new AccountStore(folder)
  const added = await ioc(folder, ['user', 'add', 'lan', '--role', 'operator', '--area', '24931'])
  const { password } = JSON.parse(added.output) as { password: string }
  expect(await store.verify('lan', password)).toMatchObject({ role: 'operator', areas: ['24931'] })
  expect(await ioc(folder, ['user', 'set', 'lan', '--role', 'admin'])).toMatchObject({ code: 0 })
  expect(store.find('lan')).not.toHaveProperty('areas')
  expect(await ioc(folder, ['user', 'passwd', 'lan', '--stdin'], 'mật khẩu rất dài\n')).toMatchObject({
    code: 0,
    output: '',
  })
  expect(await store.verify('lan', 'mật khẩu rất dài')).toBeDefined()
  const { token } = JSON.parse((await ioc(folder, ['user', 'token', 'lan', 'grafana'])).output) as { token: string }
  expect(store.findByToken(token)?.name).toBe('lan')
  expect((await ioc(folder, ['user', 'list'])).output).toMatch(/lan +admin/)
  const [one] = store.tokens()
  expect((await ioc(folder, ['user', 'tokens'])).output).toContain(one?.id)
  expect(await ioc(folder, ['user', 'revoke', one?.id ?? ''])).toMatchObject({ code: 0 })
  expect(store.findByToken(token)).toBeUndefined()
  expect(await ioc(folder, ['user', 'remove', 'lan'])).toMatchObject({ code: 0 })
  const { output } = await ioc(folder, ['audit', '--json'])
  const entries = JSON.parse(output) as { what: string; who: string; from: string; target: string }[]
  expect(entries.map(({ what }) => what)).toEqual([
    ...['user.add', 'user.set', 'user.password', 'token.add', 'token.remove', 'user.remove'],
  ])
  for (const { who, from, target } of entries) expect([who, from, target]).toEqual([userInfo().username, 'ioc', 'lan'])
  expect(output).not.toContain(password)
  expect((await ioc(folder, ['audit', '--last', '1'])).output).toMatch(/user\.remove +lan +ioc/)
})

test('a token expires, and the list and the doctor name it', async () => {
  const folder = newFolder()
  await ioc(folder, ['user', 'add', 'lan', '--role', 'viewer'])
  const { output } = await ioc(folder, ['user', 'token', 'lan', 'grafana', '--expires', '90d'])
  const store = new AccountStore(folder)
  const { token } = JSON.parse(output) as { token: string }
  const [stored] = store.tokens()
  expect(Math.round(((stored?.expires ?? 0) - Date.now()) / 86_400_000)).toBe(90)
  expect(store.findByToken(token)?.name).toBe('lan')
  expect(store.findByToken(token, stored?.expires ?? 0)).toBeUndefined()
  const status = async () => {
    const { output: text } = await ioc(folder, ['doctor', '--json'])
    const list = JSON.parse(text) as { title: string; status: string; found: string }[]
    return list.find(({ title }) => title === 'expiry')
  }
  expect(await status()).toMatchObject({ status: 'good', found: '1 credentials expire, none of them soon' })
  store.addToken('lan', 'old', 1)
  expect(await status()).toMatchObject({ status: 'bad', found: expect.stringContaining('of lan (1970-01-01') })
  expect((await ioc(folder, ['user', 'tokens'])).output).toMatch(/old +\S+ +1970-01-01\S+ +expired/)
})

test.each([
  [['token', 'lan', 'x', '--expires', 'soon'], '--expires must be', 2],
  [['token', 'lan', 'x', '--expires', '2020-01-01'], '--expires must be', 2],
  [['list', '--expires', '1d'], '--expires is for token', 2],
  [['add', 'lan'], '--role is missing', 2],
  [['add', 'lan', '--role', 'root'], '--role must be one of viewer, operator, technician, admin', 2],
  [['add', 'lan', '--role', 'viewer', '--area', '99999'], '--area 99999 is not one of', 2],
  [['add', 'lan', '--role', 'viewer', '--unit', 'nowhere'], '--unit nowhere is not one of', 2],
  [['add', 'Lan', '--role', 'viewer'], 'NAME_INVALID', 1],
  [['add', '--role', 'viewer'], 'NAME is missing', 2],
  [['remove', 'lan'], 'ACCOUNT_UNKNOWN', 1],
  [['revoke', 'x'], 'TOKEN_UNKNOWN', 1],
  [['token', 'lan'], 'TITLE is missing', 2],
])('ioc user %j is refused', async (args, reason, code) => {
  expect(await ioc(newFolder(), ['user', ...args])).toMatchObject({ code, errors: expect.stringContaining(reason) })
})
