import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { type TestBroker, testBroker } from '@ioc/uplink/testing/broker.ts'
import { expect, test } from 'vitest'
import { type FlowAgent, startFlows } from './testing/agent.ts'
import { beating, func, inForce, inject, reported } from './testing/flows.ts'

/** Runs `ioc-agent editor` on the machine of an agent; what it prints. */
async function openEditor({ dataDir }: FlowAgent, port: number, minutes: string): Promise<string> {
  const command = join(import.meta.dirname, '..', 'ioc-agent.ts')
  const env = { ...process.env, IOC_DATA_DIR: dataDir, IOC_NODE_RED_PORT: String(port) }
  const child = spawn(process.execPath, [command, 'editor', minutes], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const part of child.stdout) text += String(part)
  return text
}

async function isRefused(url: string): Promise<boolean> {
  return fetch(url).then(
    () => false,
    (error: { cause?: { code?: string } }) => error.cause?.code === 'ECONNREFUSED',
  )
}

async function login(url: string, username: string, password: string): Promise<Response> {
  const body = { client_id: 'node-red-admin', grant_type: 'password', scope: '*', username, password }
  const headers = { 'content-type': 'application/json' }
  return fetch(new URL('auth/token', url), { method: 'POST', headers, body: JSON.stringify(body) })
}

async function start(broker: TestBroker): Promise<{ agent: FlowAgent; url: string; port: number }> {
  const port = await freePort()
  const agent = await startFlows(broker, beating('old'), { IOC_NODE_RED_PORT: String(port) })
  await inForce(agent)
  return { agent, url: `http://127.0.0.1:${port}/`, port }
}

test('the editor is closed by default, opens with a password for one login, and closes at a command', async () => {
  const { agent, url, port } = await start(await testBroker())
  expect(await isRefused(url)).toBe(true)
  const text = await openEditor(agent, port, '5')
  expect(text).toContain(url)
  const [, username = ''] = /username {2}(\S+)/.exec(text) ?? []
  const [, password = ''] = /password {2}(\S+)/.exec(text) ?? []
  expect((await fetch(url)).status).toBe(200)
  expect((await fetch(new URL('flows', url))).status).toBe(401)
  expect((await login(url, username, 'wrong')).status).not.toBe(200)
  const answer = await login(url, username, password)
  expect(answer.status).toBe(200)
  const { access_token: token } = (await answer.json()) as { access_token: string }
  const authorization = `Bearer ${token}`
  const flows = (await (await fetch(new URL('flows', url), { headers: { authorization } })).json()) as object[]
  expect(flows).toContainEqual(expect.objectContaining({ type: 'ioc out' }))
  expect((await login(url, username, password)).status).not.toBe(200)
  // Our nodes have their labels and help in both languages.
  const nodes = await fetch(new URL('nodes', url), {
    headers: { authorization, accept: 'text/html', 'accept-language': 'vi' },
  })
  expect(await nodes.text()).toContain('Đưa số liệu đo hoặc hồ sơ vào hàng đợi')
  expect(await openEditor(agent, port, '0')).toBe('editor closed\n')
  expect(await isRefused(url)).toBe(true)
})

test('what is deployed in the editor runs, and is reverted where it ends Node-RED', async () => {
  const broker = await testBroker()
  const { agent, url, port } = await start(broker)
  const text = await openEditor(agent, port, '5')
  const [, username = ''] = /username {2}(\S+)/.exec(text) ?? []
  const [, password = ''] = /password {2}(\S+)/.exec(text) ?? []
  const { access_token: token } = (await (await login(url, username, password)).json()) as { access_token: string }
  const deploy = (flows: object[]) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return fetch(new URL('flows', url), { method: 'POST', headers, body: JSON.stringify(flows) })
  }
  const has = (device: string) => broker.telemetry.some(({ records }) => records[0]?.device === device)
  await deploy(beating('edited'))
  await broker.until(() => has('edited'))
  await inForce(agent, 2)
  expect(readFileSync(join(agent.folder, 'node-red', 'state.json'), 'utf8')).toContain('"editor"')
  await deploy([
    ...beating('worse'),
    inject('f'),
    func('f', 'new Promise((_, reject) => setTimeout(() => reject(new Error("spoilt")), 10))'),
  ])
  const { reason } = await reported(agent, ({ state }) => state === 'last-good')
  expect(reason).toContain('spoilt')
  broker.telemetry.length = 0
  await broker.until(() => has('edited'))
})

test('the editor closes by itself when its time is over', async () => {
  const { agent, url, port } = await start(await testBroker())
  expect(await openEditor(agent, port, '1')).toContain('closes    in 1 minutes')
  expect(await isRefused(url)).toBe(false)
  await reported(agent, ({ editor_until: until }) => until === undefined)
  expect(await isRefused(url)).toBe(true)
})
