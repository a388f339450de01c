import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { expect, test } from 'vitest'
import { type AgentStatus, writeStatus } from './status-file.ts'
import { version } from './version.ts'

const at = Date.UTC(2026, 10, 30, 2)

/** What `ioc-agent status` prints of an agent that noted this, and its exit code. */
function printed(noted: Partial<AgentStatus>, ...args: string[]) {
  const dataDir = testFolder()
  mkdirSync(join(dataDir, 'edge-agent'))
  // The process that runs is this one.
  const status = {
    written: at,
    pid: process.pid,
    connected: true,
    queued: 0,
    sent: 9,
    rss: 1,
    collectors: [],
    ...noted,
  }
  writeStatus(join(dataDir, 'edge-agent'), status)
  const main = join(import.meta.dirname, 'ioc-agent.ts')
  const { stdout, status: code } = spawnSync(process.execPath, [main, 'status', ...args], {
    encoding: 'utf8',
    env: { ...process.env, IOC_DATA_DIR: dataDir },
  })
  return { text: stdout, code }
}

test('the status of a connected agent names its configuration and each collector', () => {
  const { text, code } = printed({
    config: { revision: 4, digest: '', state: 'failed', reason: 'modbus: no answer', in_force: 3, at, schema: 1 },
    collectors: [
      { id: 'system', type: 'system', state: 'ok', since: at, records: 120 },
      { id: 'meter', type: 'modbus', state: 'failing', since: at, records: 0, error: 'connection refused' },
    ],
  })
  expect(text.split('\n')).toEqual([
    `version    ${version}`,
    'node       not enrolled: ioc-agent enrol URL TOKEN',
    `running    yes (process ${process.pid})`,
    'connected  yes',
    'config     revision 4 failed, revision 3 is in force: modbus: no answer',
    `queued     0 messages (${displayStamp(at)})`,
    `collectors system: ok since ${displayStamp(at)}, 120 records`,
    `           meter (modbus): failing since ${displayStamp(at)}, 0 records: connection refused`,
    '',
  ])
  expect(code).toBe(0)
})

test('the status of an agent that is not connected says why', () => {
  const noted = { connected: false, failure: 'the broker refused the credential', queued: 7 }
  const { text, code } = printed(noted)
  expect(text).toContain('connected  no: the broker refused the credential\n')
  expect(text).toContain(`queued     7 messages (${displayStamp(at)})\n`)
  expect(code).toBe(1)
  expect(JSON.parse(printed(noted, '--json').text)).toMatchObject({
    connected: false,
    failure: noted.failure,
    config: null,
  })
})
