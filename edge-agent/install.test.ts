import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testBroker } from '@ioc/uplink/testing/broker.ts'
import { expect, onTestFinished, test } from 'vitest'

const project = fileURLToPath(new URL('..', import.meta.url))

/** The packages that `npm ci --omit=dev -w edge-agent` installs, as npm reads them from the lock file. */
function installedPackages(): string[] {
  const args = ['ls', '--omit=dev', '-w', 'edge-agent', '--all', '--parseable']
  const { stdout } = spawnSync('npm', args, { cwd: project, encoding: 'utf8' })
  const folders = stdout.split('\n').filter((folder) => relative(project, folder).startsWith('node_modules'))
  return [...new Set(folders)].filter((folder) => !folder.includes(join('node_modules', '@ioc')))
}

test('with nothing but its own dependencies the agent starts on the Node that comes with them', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'ioc-install-'))
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  cpSync(join(project, 'package.json'), join(copy, 'package.json'))
  mkdirSync(join(copy, 'node_modules', '@ioc'), { recursive: true })
  for (const room of ['edge-agent', 'contract', 'runtime', 'uplink']) {
    cpSync(join(project, room), join(copy, room), { recursive: true })
    symlinkSync(join('..', '..', room), join(copy, 'node_modules', '@ioc', room))
  }
  for (const folder of installedPackages()) {
    cpSync(folder, join(copy, relative(project, folder)), { recursive: true, verbatimSymlinks: true })
  }
  mkdirSync(join(copy, 'node_modules', '.bin'), { recursive: true })
  symlinkSync(join('..', 'node', 'bin', 'node'), join(copy, 'node_modules', '.bin', 'node'))

  const broker = await testBroker()
  const { NODE_OPTIONS: _, NODE_COMPILE_CACHE: __, ...inherited } = process.env
  const agent = spawn('npm', ['start', '-w', 'edge-agent'], {
    cwd: copy,
    env: {
      ...inherited,
      IOC_DATA_DIR: join(copy, 'data'),
      IOC_MQTT_URL: broker.url,
      IOC_AGENT_SITE: 'commune-1',
      IOC_AGENT_NODE: 'box-1',
      IOC_AGENT_PASSWORD: 'right',
    },
    detached: true,
    stdio: 'ignore',
  })
  onTestFinished(() => {
    if (agent.pid !== undefined && agent.exitCode === null) process.kill(-agent.pid, 'SIGKILL')
  })
  await broker.until(() => broker.telemetry.length > 0)
  expect(broker.telemetry[0]?.records[0]).toMatchObject({ device: 'box-1', type: 'system' })
})
