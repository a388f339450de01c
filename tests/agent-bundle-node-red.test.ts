import { execFile, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { testBroker } from '@ioc/uplink/testing/broker.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)
const project = join(import.meta.dirname, '..')
/** Kept between runs: the bundle is built again only after a change of what it is made of. */
const bundles = join(project, '.cache', 'agent', 'test-node-red')
/** With the fastest compression; with that of a release it is less than 60 MB. */
const maxBundleBytes = 70e6

test('a bundle with Node-RED runs flows on a machine that has nothing else', async () => {
  const build = [
    'scripts/agent-bundle.ts',
    '--platform',
    'linux-x64',
    '--out',
    bundles,
    '--level',
    '1',
    '--with-node-red',
  ]
  await run(process.execPath, build, { cwd: project })
  const file = readdirSync(bundles).find((name) => name.endsWith('linux-x64.tar.gz')) ?? ''
  expect(statSync(join(bundles, file)).size).toBeLessThan(maxBundleBytes)
  const folder = testFolder()
  await run('tar', ['-xzf', join(bundles, file), '-C', folder, '--strip-components=1'])
  mkdirSync(join(folder, 'data', 'edge-agent'), { recursive: true })
  const flows = [
    { id: 'd', type: 'ioc device', device: 'gate-1' },
    {
      id: 'i',
      type: 'inject',
      once: true,
      props: [{ p: 'payload' }],
      payload: '7',
      payloadType: 'num',
      wires: [['o']],
    },
    { id: 'o', type: 'ioc out', device: 'd', metric: 'people_in', wires: [] },
  ]
  writeFileSync(join(folder, 'data', 'edge-agent', 'flows.json'), JSON.stringify(flows))
  const broker = await testBroker()
  const env = {
    PATH: '/usr/bin:/bin',
    IOC_MQTT_URL: broker.url,
    IOC_AGENT_SITE: 'commune-1',
    IOC_AGENT_NODE: 'box-1',
    IOC_AGENT_PASSWORD: 'right',
  }
  const agent = spawn(join(folder, 'ioc-agent'), ['run'], { cwd: folder, env, stdio: 'ignore' })
  onTestFinished(() => {
    agent.kill('SIGKILL')
  })
  await broker.until(() => broker.telemetry.some(({ records }) => records[0]?.values['people_in'] === 7))
})
