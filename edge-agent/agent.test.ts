import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { type TestBroker, testBroker } from '@ioc/uplink/testing/broker.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { missingAfterKill, type NodeProcess, startNodeProcess } from '@ioc/uplink/testing/node-process.ts'
import { silent } from '@ioc/uplink/testing/silent.ts'
import { describe, expect, it } from 'vitest'
import { readStatus } from './status-file.ts'
import { trialText, tryCollector } from './try.ts'

/** What the agent may take of a small machine's memory, in kB. */
const mostResidentKb = 74 * 1024

function startAgent(dataDir: string, broker: TestBroker, environment: Record<string, string> = {}): NodeProcess {
  const { NODE_OPTIONS: _, NODE_COMPILE_CACHE: __, ...inherited } = process.env
  const own = { IOC_DATA_DIR: dataDir, IOC_MQTT_URL: broker.url, IOC_AGENT_CADENCE_MS: '100' }
  return startNodeProcess(join(import.meta.dirname, 'main.ts'), { ...inherited, ...own, ...environment })
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
    expect(await missingAfterKill(broker, () => startAgent(dataDir, broker), 10)).toEqual([])
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

describe('agent.yaml', () => {
  const yaml = (folder: string, port: number) => `collectors:
  - type: system
  - type: folder
    id: registers
    path: ${folder}
    settle_s: 0
    cadence_s: 0.1
    map:
      case: one_stop
      device: mot-cua
      id: Số hồ sơ
      state: { from: Trạng thái, enum: { Mới: received } }
      opened: Ngày nhận
  - type: modbus
    id: meter
    host: 127.0.0.1
    port: ${port}
    cadence_s: 0.1
    devices:
      - { device: meter, type: site_power, registers: { mains_v: 0 } }
`

  function writeConfig(dataDir: string, text: string): string {
    const folder = join(dataDir, 'edge-agent')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'agent.yaml'), text)
    return folder
  }

  it('makes dossiers of a register, beside a collector that fails, and reports how both are doing', async () => {
    const broker = await testBroker()
    const [dataDir, registers] = [testFolder(), testFolder()]
    writeCredential(dataDir)
    const folder = writeConfig(dataDir, yaml(registers, await freePort()))
    writeFileSync(join(registers, 'so.csv'), 'Số hồ sơ;Trạng thái;Ngày nhận\r\nH1;Mới;02/11/2026\r\n')
    const agent = startAgent(dataDir, broker)
    await broker.until(() => broker.cases.length > 0 && broker.telemetry.length > 3)
    expect(broker.statuses[0]).toMatchObject({
      devices: [
        { id: 'box-1', type: 'system', cadence_s: 0.1 },
        { id: 'mot-cua', type: 'one_stop' },
        { id: 'meter', type: 'site_power', cadence_s: 0.1 },
      ],
      collectors: [{ id: 'system' }, { id: 'registers' }, { id: 'meter' }],
    })
    expect(broker.cases[0]?.records).toEqual([
      {
        device: 'mot-cua',
        ts: expect.any(Number),
        type: 'one_stop',
        case: { id: 'H1', state: 'received', opened: Date.parse('2026-11-02T00:00:00+07:00'), due: null, closed: null },
      },
    ])
    agent.process.kill('SIGTERM')
    const [code] = await once(agent.process, 'exit')
    expect(code).toBe(0)
    expect(readStatus(folder)?.collectors).toMatchObject([
      { id: 'system', type: 'system', state: 'ok' },
      { id: 'registers', type: 'folder', state: 'ok', records: 1 },
      { id: 'meter', type: 'modbus', state: 'failing', error: expect.stringContaining('ECONNREFUSED') },
    ])
    // After a restart the file is not read again.
    broker.cases.length = 0
    broker.telemetry.length = 0
    startAgent(dataDir, broker)
    await broker.until(() => broker.telemetry.length > 10)
    expect(broker.cases).toEqual([])
  })

  it('that is invalid ends the agent with a line for each error', async () => {
    const broker = await testBroker()
    const dataDir = testFolder()
    writeCredential(dataDir)
    writeConfig(dataDir, 'collectors:\n  - type: modbus\n    devices: []\n  - type: nothing\n')
    const agent = startAgent(dataDir, broker)
    const [code] = await once(agent.process, 'close')
    expect(code).toBe(1)
    expect(agent.lines).toContain('agent.yaml, line 3, collectors[0].devices: expected a list of 1 to 247 entries')
    expect(agent.lines).toContain('dòng 4: cần một trong các loại')
    expect(agent.lines).toContain('[AGENT_CONFIG_INVALID]')
  })

  it('can be tried, without anything being sent or marked as read', async () => {
    const [dataDir, registers] = [testFolder(), testFolder()]
    const folder = writeConfig(dataDir, yaml(registers, 1))
    writeFileSync(
      join(registers, 'so.csv'),
      'Số hồ sơ;Trạng thái;Ngày nhận\r\nH1;Mới;02/11/2026\r\nH2;Lạ;02/11/2026\r\nH3;Mới;3/11/2026\r\nH4;Mới;3/11/2026\r\nH5;Mới;3/11/2026\r\n',
    )
    const settings = { folder, address: { site: 'commune-1', node: 'box-1' }, allowExec: false, logger: silent }
    for (let n = 0; n < 2; n++) {
      const text = trialText(await tryCollector('registers', settings))
      expect(text.split('\n')).toEqual([
        ...['H1', 'H3', 'H4', 'H5'].map((id) => expect.stringContaining(`"id":"${id}"`)),
        'problem: so.csv: row 3: Trạng thái: "Lạ" is not listed in enum',
        '0 measurements, 4 cases, 1 problems; nothing was sent',
      ])
    }
    expect(readdirSync(registers)).toEqual(['so.csv'])
    await expect(tryCollector('other', settings)).rejects.toThrow(
      'no collector other in agent.yaml; collectors: system, registers, meter',
    )
  })
})
