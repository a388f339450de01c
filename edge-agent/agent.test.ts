import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { type TestBroker, testBroker } from '@ioc/uplink/testing/broker.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { describe, expect, it, onTestFinished } from 'vitest'

/** What the agent may take of a small machine's memory, in kB. */
const mostResidentKb = 80 * 1024

interface Agent {
  readonly process: ChildProcess
  lines: string
}

function startAgent(dataDir: string, broker: TestBroker, environment: Record<string, string> = {}): Agent {
  const { NODE_OPTIONS: _, NODE_COMPILE_CACHE: __, ...inherited } = process.env
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...inherited, IOC_DATA_DIR: dataDir, IOC_MQTT_URL: broker.url, IOC_AGENT_CADENCE_MS: '100', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const agent: Agent = { process: child, lines: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      agent.lines += String(text)
    })
  }
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return agent
}

function writeCredential(dataDir: string): void {
  const path = credentialFile(dataDir, 'agent')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify({ username: 'commune-1/box-1', password: 'right' }))
}

describe('agent', () => {
  it('reports this machine, follows its configuration, stays small, and says goodbye', async () => {
    const broker = await testBroker()
    const dataDir = testFolder()
    writeCredential(dataDir)
    const agent = startAgent(dataDir, broker, { IOC_AREA: '24943' })
    await broker.until(() => broker.telemetry.length >= 3)
    expect(broker.statuses[0]).toMatchObject({
      online: true,
      area: '24943',
      devices: [{ id: 'box-1', type: 'system', cadence_s: 0.1 }],
    })
    expect(broker.telemetry[0]?.records[0]).toMatchObject({ device: 'box-1', type: 'system' })
    await broker.publish('ioc/v1/commune-1/box-1/config', '{"cadence_s": 0.2}', true)
    await broker.until(() => JSON.stringify(broker.statuses.at(-1)).includes('"cadence_s":0.2'))
    if (process.platform === 'linux') {
      const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${agent.process.pid}/status`, 'utf8'))?.[1]
      expect(Number(resident)).toBeLessThan(mostResidentKb)
    }
    agent.process.kill('SIGTERM')
    const [code] = await once(agent.process, 'exit')
    expect(code).toBe(0)
    expect(broker.statuses.at(-1)?.online).toBe(false)
  })

  it('loses nothing that it queued when it is killed, and ends the epoch of that first', async () => {
    const broker = await testBroker()
    const dataDir = testFolder()
    writeCredential(dataDir)
    broker.hold()
    const first = startAgent(dataDir, broker)
    await broker.until(() => broker.telemetry.length >= 10)
    first.process.kill('SIGKILL')
    await once(first.process, 'exit')
    const seen = Math.max(...broker.seqs)
    const epoch = broker.telemetry[0]?.epoch
    broker.cut()
    broker.release()
    broker.telemetry.length = 0
    startAgent(dataDir, broker)
    await broker.until(() => broker.telemetry.some((message) => message.epoch !== epoch))
    const ended = new Set(broker.telemetry.filter((message) => message.epoch === epoch).map(({ seq }) => seq))
    expect([...Array(seen).keys()].filter((n) => !ended.has(n + 1))).toEqual([])
    expect(broker.telemetry.every(({ lost }) => lost === 0)).toBe(true)
  })

  it('says in one line which settings do not fit together', async () => {
    const broker = await testBroker()
    const agent = startAgent(testFolder(), broker, { IOC_AGENT_PASSWORD: 'guess' })
    const [code] = await once(agent.process, 'close')
    expect(code).toBe(1)
    expect(agent.lines).toMatch(/^edge-agent: IOC_AGENT_PASSWORD requires IOC_AGENT_SITE.*\[OPTION_INVALID\]\n$/)
  })
})
