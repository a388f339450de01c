import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ApiAgentConfig, ApiConfigSet } from '@ioc/contract/messages/api-node-config.ts'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type BrokerAndWall, startBrokerAndWall } from '../harness/broker-and-wall.ts'
import { tryIoc } from '../harness/centre.ts'

/** An agent of its own folder, at a real broker and a real wall, configured by the API and by `ioc`. */

const agentUrl = '/api/agents/commune-1/box-1'
const secret = 'bi-mat-cua-tram-7f3a'
let centre: BrokerAndWall
let agentFolder: string
let agent: ReturnType<typeof spawn>

function startAgent(): void {
  const { NODE_OPTIONS: _, ...inherited } = process.env
  agent = spawn(process.execPath, [join(import.meta.dirname, '../../edge-agent/main.ts')], {
    stdio: 'ignore',
    env: {
      ...inherited,
      NODE_COMPILE_CACHE: join(agentFolder, 'cache'),
      IOC_DATA_DIR: agentFolder,
      IOC_MQTT_URL: `mqtt://127.0.0.1:${centre.mqttPort}`,
      IOC_AGENT_CADENCE_MS: '100',
      IOC_AGENT_PROBE_MS: '300',
      IOC_AGENT_UPLINK_CONFIRM_MS: '1500',
    },
  })
}

beforeAll(async () => {
  centre = await startBrokerAndWall()
  agentFolder = mkdtempSync(join(tmpdir(), 'ioc-agent-'))
  const path = credentialFile(agentFolder, 'agent')
  mkdirSync(dirname(path), { recursive: true })
  const password = await centre.credentials.add('commune-1/box-1', 'node')
  writeFileSync(path, JSON.stringify({ username: 'commune-1/box-1', password }))
  startAgent()
})
afterAll(async () => {
  agent?.kill('SIGKILL')
  await centre?.stop()
  if (agentFolder) rmSync(agentFolder, { recursive: true, force: true })
})

const read = async () => (await centre.call('GET', agentUrl)).body as ApiAgentConfig
const until = (wanted: Partial<ApiAgentConfig>) =>
  vi.waitFor(async () => expect(await read()).toMatchObject(wanted), { timeout: 20_000, interval: 50 })
const set = (yaml: string, after?: number) =>
  centre.call('POST', `${agentUrl}/config`, { yaml, ...(after === undefined ? {} : { after }) })

const withSecret = `cadence_s: 0.2
accept_failing: true
agent:
  collectors:
    - type: system
    - type: mqtt-bridge
      id: bridge
      url: mqtt://127.0.0.1:9
      username: u
      password: ${secret}
      subscriptions:
        - { topic: "zigbee2mqtt/#", preset: zigbee2mqtt }
`

describe('an agent', () => {
  test('is listed with its version, and has no configuration of the centre', async () => {
    await until({ online: true, drift: 'none', has_key: true, desired_revision: null })
    const { body } = await centre.call('GET', '/api/agents')
    expect(body).toMatchObject({
      agents: [{ site: 'commune-1', node: 'box-1', version: expect.stringMatching(/^\d/) }],
    })
    expect((await centre.call('GET', '/api/agents/commune-1/unknown')).status).toBe(404)
  })

  test('is configured by the API; its secrets are sealed before they are on disk', async () => {
    const { status, body } = await set(withSecret, 0)
    expect(status, JSON.stringify(body)).toBe(200)
    await until({ drift: 'in_sync', desired_revision: 1 })
    const { history, collectors } = await read()
    expect(collectors.map(({ id }) => id)).toEqual(['system', 'bridge'])
    expect(history[0]).toMatchObject({ revision: 1, by: 'admin', yaml: expect.stringMatching(/password: sealed2:/) })
    const files = readdirSync(centre.dataDir, { recursive: true, encoding: 'utf8' })
      .map((name) => join(centre.dataDir, name))
      .filter((path) => statSync(path).isFile())
    const leaks = [...files.map((path) => readFileSync(path, 'latin1')), JSON.stringify(history)]
    expect(leaks.filter((text) => text.includes(secret))).toEqual([])
    expect(leaks.some((text) => text.includes('"node.config"'))).toBe(true)
  })

  test('keeps its configuration where another is invalid: each error has its field, in both languages', async () => {
    const { status, body } = await set('agent:\n  collectors:\n    - { type: modbus, port: soon }\ncadence: 3\n')
    expect(status).toBe(422)
    expect((body as ApiConfigSet).errors[0]?.reason.en).toMatch(/"cadence": unknown setting/)
    const second = await set('agent:\n  collectors:\n    - { type: modbus, port: soon }\n')
    expect((second.body as ApiConfigSet).errors).toContainEqual({
      field: 'agent.collectors[0].port',
      reason: { en: expect.stringMatching(/expected a whole number/), vi: expect.stringMatching(/cần số nguyên/) },
    })
    for (const yaml of ['a: *b', '- 1', 'agent: [', `a: ${'['.repeat(5_000)}`, 'schema: 1']) {
      expect((await set(yaml)).status).toBe(422)
    }
    expect((await set('cadence_s: 1', 0)).status).toBe(409)
    expect(await read()).toMatchObject({ desired_revision: 1, drift: 'in_sync' })
  })

  test('is moved to a wrong port: it comes back, and its page says why', async () => {
    expect((await set('uplink: { url: "mqtt://127.0.0.1:9" }', 1)).status).toBe(200)
    await until({ drift: 'failed', desired_revision: 2, online: true })
    expect((await read()).report).toMatchObject({
      in_force: 1,
      reason: expect.stringMatching(/no connection to mqtt:/),
    })
    expect((await centre.call('POST', `${agentUrl}/rollback`, { revision: 1 })).body).toEqual({
      revision: 3,
      errors: [],
    })
    await until({ drift: 'in_sync', desired_revision: 3 })
    expect((await read()).history[0]).toMatchObject({ rollback_of: 1 })
    expect((await centre.call('POST', `${agentUrl}/rollback`, { revision: 77 })).status).toBe(404)
  })

  test('measures at once, and sends its log without secrets', async () => {
    expect((await centre.call('POST', `${agentUrl}/collect`)).status).toBe(204)
    const { status, body } = await centre.call('POST', `${agentUrl}/logs`, { level: 'info' })
    expect(status).toBe(200)
    expect(JSON.stringify(body)).toContain('configuration confirmed')
    expect(JSON.stringify(body)).not.toContain(secret)
    // An answer is for the centre alone, and not stored.
    expect(centre.stored.map(({ channel }) => channel)).not.toContain('answer')
  })

  test('is configured by ioc: show, set, diff, history, rollback, logs, collect, rotate --send', async () => {
    const environment = { ...centre.environment }
    const ioc = async (...args: string[]) => (await tryIoc(['node', ...args], environment)) ?? { code: 1, printed: '' }
    const file = join(agentFolder, 'wanted.yaml')
    writeFileSync(file, 'cadence_s: 0.5\nagent:\n  collectors:\n    - { type: system, id: machine }\n')
    expect(await ioc('config', 'commune-1/box-1', 'set', file)).toEqual({
      code: 0,
      printed: 'revision 4 of commune-1/box-1 published\n',
    })
    await until({ drift: 'in_sync', desired_revision: 4 })
    const shown = await ioc('config', 'commune-1/box-1', 'show')
    expect(shown.printed).toMatch(
      /^desired {3}revision 4 by .*\nreported {2}revision 4 applied, in force 4\nstate {5}in_sync\n/,
    )
    expect(shown.printed).toContain('cadence_s: 0.5')
    const diff = (await ioc('config', 'commune-1/box-1', 'diff')).printed
    expect(diff).toContain('- cadence_s: 0.2\n')
    expect(diff).toContain('+ cadence_s: 0.5\n')
    expect((await ioc('config', 'commune-1/box-1', 'rollback', '3')).code).toBe(0)
    await until({ drift: 'in_sync', desired_revision: 5 })
    expect((await ioc('config', 'commune-1/box-1', 'history')).printed).toMatch(/\n5 .*back to 3/)
    writeFileSync(file, 'agent:\n  collectors:\n    - { type: nothing }\n')
    const refused = await ioc('config', 'commune-1/box-1', 'set', file)
    expect(refused.code).toBe(1)
    expect(refused.printed).toMatch(/agent.collectors\[0\].type: expected one of .* \| cần một trong/)
    expect((await ioc('logs', 'commune-1', 'box-1', '--level', 'info')).printed).toContain('configuration confirmed')
    expect((await ioc('collect', 'commune-1', 'box-1')).code).toBe(0)
    expect((await ioc('logs', 'commune-1', 'no-such')).printed).toMatch(/\[NODE_UNREACHABLE\]/)
    const before = readFileSync(credentialFile(agentFolder, 'agent'), 'utf8')
    expect(await ioc('rotate', 'commune-1', 'box-1', '--send')).toEqual({
      code: 0,
      printed: 'new password sent to commune-1/box-1\n',
    })
    await vi.waitFor(
      () => {
        const now = readFileSync(credentialFile(agentFolder, 'agent'), 'utf8')
        expect(now).not.toBe(before)
        expect(now).not.toContain('next_password')
      },
      { timeout: 20_000, interval: 50 },
    )
    await until({ online: true })
    for (const args of [
      ['config'],
      ['config', 'a/b', 'erase'],
      ['config', 'a/b', 'set'],
      ['config', 'a/b', 'rollback', 'x'],
    ]) {
      expect((await ioc(...args)).code).not.toBe(0)
    }
  })

  test('that is not there does not answer: 503 for it, and no configuration for one that never came', async () => {
    agent.kill('SIGKILL')
    await until({ online: false })
    expect((await centre.call('POST', `${agentUrl}/logs`, {})).status).toBe(503)
    expect((await centre.call('POST', '/api/agents/a/b/config', { yaml: 'cadence_s: 1' })).status).toBe(404)
    // What is set meanwhile is retained, and applied when it is back.
    expect((await set('cadence_s: 0.7')).status).toBe(200)
    expect(await read()).toMatchObject({ drift: 'waiting', desired_revision: 6 })
    startAgent()
    await until({ drift: 'in_sync', desired_revision: 6 })
  })
})
