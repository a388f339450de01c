import { execFile, spawnSync } from 'node:child_process'
import { createHash, createPublicKey, verify } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ApiBundles, ApiNodes, ApiTokenAdded } from '@ioc/contract/messages/api-enrol.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { hasPython, python } from '@ioc/runtime/testing/python.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { type InstallScript, installLine } from '@ioc/wall/shared/install-line.ts'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type BrokerAndWall, startBrokerAndWall } from './harness/broker-and-wall.ts'
import { until } from './harness/centre.ts'

const run = promisify(execFile)
const project = join(import.meta.dirname, '..')
/** Kept between runs: the bundle is built again only after a change of what it is made of. */
const bundles = join(project, '.cache', 'agent', 'test')
const maxBundleBytes = 60e6
const analyzer = '/usr/bin/systemd-analyze'

/** What the install script may use: a machine without Node. */
const tools =
  'sh curl sha256sum tar gzip mktemp id uname sed getconf mkdir chmod cp cat rm rmdir setsid dirname readlink sleep'

/** A folder of programs, for PATH. */
function bareTools(): string {
  const folder = testFolder()
  for (const tool of tools.split(' ')) {
    const path = ['/usr/bin', '/bin'].map((one) => join(one, tool)).find(existsSync)
    if (path !== undefined) symlinkSync(path, join(folder, tool))
  }
  return folder
}

interface Ended {
  readonly code: number
  readonly output: string
}

/** Runs a line in an empty folder, as a person pastes it: no settings, no Node. */
async function paste(line: string, path = bareTools()): Promise<Ended> {
  const cwd = testFolder()
  try {
    const { stdout, stderr } = await run('/bin/sh', ['-c', line], { cwd, env: { PATH: path, HOME: cwd } })
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, output: stdout + stderr }
  }
}

/** What the parser could not read, or misses, in a script: its lines, and the text. */
function errorsOfPowerShell(script: string): unknown[] {
  const program = `
import json, sys, tree_sitter, tree_sitter_powershell
parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
def errors(node):
    here = [[node.start_point[0] + 1, node.text.decode()]] if node.is_error or node.is_missing else []
    return here + [one for child in node.children for one in errors(child)]
print(json.dumps(errors(parser.parse(sys.stdin.buffer.read()).root_node)))`
  const { status, stdout, stderr } = spawnSync(python, ['-c', program], { input: script, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as unknown[]
}

let centre: BrokerAndWall
let served: ApiBundles
let script: InstallScript
beforeAll(async () => {
  const build = ['scripts/agent-bundle.ts', '--platform', 'linux-x64', '--out', bundles, '--level', '1']
  await run(process.execPath, build, { cwd: project })
  centre = await startBrokerAndWall({ IOC_TLS: 'on', IOC_AGENT_BUNDLES: bundles })
  served = (await centre.call('GET', '/api/agent', undefined, false)).body as ApiBundles
  script = served.scripts.find(({ file }) => file === 'install.sh') as InstallScript
})
afterAll(() => centre?.stop())

async function lineFor(site: string): Promise<string> {
  const { body } = await centre.call('POST', '/api/enrol/tokens', { site, node: 'may-1' })
  return installLine(script, centre.url, (body as ApiTokenAdded).token).replace('sudo sh', 'sh')
}

/** Configures a collector of an agent that is not installed yet; the file that it will read. */
function watchFolder(installed: string): string {
  const folder = join(installed, 'data', 'edge-agent')
  const share = join(folder, 'share')
  mkdirSync(share, { recursive: true })
  const file = join(share, 'mua.csv')
  writeFileSync(file, 'Trạm;Thời điểm;Mưa (mm)\ntram-1;02/11/2026 08:00;12,5\n')
  const map = { type: 'rain_gauge', device: { from: 'Trạm' }, time: 'Thời điểm', values: { rain_mm: 'Mưa (mm)' } }
  const collector = { id: 'mua', type: 'folder', path: share, settle_s: 0, cadence_s: 1, map }
  writeFileSync(
    join(folder, 'agent.yaml'),
    JSON.stringify({ collectors: [collector, { id: 'system', type: 'system' }] }),
  )
  return file
}

/** Files of an earlier installation, which had no launcher, and a version that came by update: neither is to stay. */
function leaveEarlier(installed: string): string[] {
  const files = [join(installed, 'lib', 'agent-earlier.mjs'), join(installed, 'data', 'versions', 'current.json')]
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '{"current":"9.9.9","previous":null,"reverted":{}}')
  }
  return files
}

function installFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ioc-installed-'))
  onTestFinished(() => {
    spawnSync('sh', [join(folder, 'install.sh'), '--uninstall', '--purge', '--dir', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

describe('the pasted line', () => {
  test('installs two agents on a machine without Node, which are on the wall, and removes them', async () => {
    const [one, two] = [installFolder(), installFolder()]
    const csv = watchFolder(one)
    const left = leaveEarlier(one)
    const first = await paste(`${await lineFor('tram-y-te-ka-do')} --dir ${one}`)
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining('enrolled as tram-y-te-ka-do/may-1') })
    expect(left.filter(existsSync)).toEqual([])
    const lineOfSecond = await lineFor('ubnd-ka-do')
    const second = await paste(`${lineOfSecond} --name second --dir ${two}`)
    expect(second.code).toBe(0)
    await until(
      'both nodes on the wall',
      async () => JSON.stringify((await centre.call('GET', '/api/sites')).body),
      (sites) => sites.includes('tram-y-te-ka-do') && sites.includes('ubnd-ka-do'),
    )
    await until(
      'telemetry of both',
      async () => centre.stored,
      (stored) =>
        ['tram-y-te-ka-do/may-1', 'ubnd-ka-do/may-1'].every((name) =>
          stored.some(({ node, channel }) => node === name && channel === 'telemetry'),
        ),
    )
    // Read by a worker, which is a file of its own in the bundle.
    await until(
      'the CSV file',
      async () => centre.stored,
      (stored) => stored.some(({ payload }) => payload.includes('"rain_mm":12.5')),
    )
    expect(existsSync(csv)).toBe(true)
    // Native code, which is copied beside the bundle: it opens the port, and the system refuses.
    const open = 'new SerialPort({path:"/nonexistent",baudRate:9600},(error)=>console.log(error.message))'
    const opened = await paste(`cd ${one}/lib && ../node -e 'const {SerialPort}=require("serialport");${open}'`)
    expect(opened.output).toContain('No such file or directory')
    // A line that cannot enrol the machine, as its token was used by another, leaves the agent as it was.
    expect(await paste(`${lineOfSecond} --dir ${one}`)).toMatchObject({
      code: 1,
      output: expect.stringContaining('its agent runs as it was enrolled before'),
    })
    const agent = join(one, 'ioc-agent')
    expect((await paste(`${agent} try system`)).output).toContain('1 measurements, 0 cases')
    expect((await paste(`${agent} --version`)).output).toBe(`ioc-agent ${served.version}\n`)
    expect((await paste(`${agent} --help`)).output).toContain('ioc-agent enrol URL [TOKEN]')
    expect(
      await until(
        'status',
        () => paste(`${agent} status`),
        ({ code }) => code === 0,
      ),
    ).toMatchObject({
      output: expect.stringContaining('tram-y-te-ka-do/may-1'),
    })
    expect((await paste(`${join(one, 'ioc-agent.init')} status`)).output).toContain('ioc-agent is running')

    for (const [folder, name] of [
      [one, ''],
      [two, '--name second'],
    ] as const) {
      const removed = await paste(`sh ${join(folder, 'install.sh')} --uninstall --purge ${name} --dir ${folder}`)
      expect(removed).toMatchObject({ code: 0, output: expect.stringContaining('removed') })
      expect(existsSync(folder)).toBe(false)
    }
    await until(
      'both are offline',
      async () => centre.stored.filter(({ channel, payload }) => channel === 'status' && payload.includes('false')),
      (offline) => offline.length >= 2,
    )
    const { nodes } = (await centre.call('GET', '/api/nodes')).body as ApiNodes
    expect(nodes.filter(({ state }) => state === 'active')).toHaveLength(2)
  })

  test('fails where the script or the archive is not the one of the page', async () => {
    const folder = installFolder()
    const line = `${await lineFor('ubnd-pro')} --dir ${folder}`
    expect((await paste(line.replace(script.sha256, '0'.repeat(64)))).code).not.toBe(0)
    const text = readFileSync(join(bundles, 'install.sh'), 'utf8')
    const changed = join(folder, 'changed.sh')
    writeFileSync(changed, text.replace(served.archives[0]?.sha256 ?? '', '0'.repeat(64)))
    const { code, output } = await paste(`sh ${changed} ${centre.url} --dir ${folder}`)
    expect([code, output]).toEqual([1, 'ioc-agent: the download is damaged: its checksum is wrong\n'])
    expect(existsSync(join(folder, 'ioc-agent'))).toBe(false)
  })

  test.each(['armv7l', 'armv6l', 'arm'])('on 32-bit ARM (%s) it prints what is needed', async (processor) => {
    const path = bareTools()
    rmSync(join(path, 'uname'))
    writeFileSync(join(path, 'uname'), `#!/bin/sh\n[ "$1" = -s ] && echo Linux || echo ${processor}\n`)
    chmodSync(join(path, 'uname'), 0o755)
    const folder = installFolder()
    const { code, output } = await paste(`sh ${join(bundles, 'install.sh')} ${centre.url} --dir ${folder}`, path)
    expect([code, output]).toEqual([
      1,
      'ioc-agent: cần Raspberry Pi OS 64-bit (32-bit ARM is not supported: install the 64-bit system)\n',
    ])
  })
})

describe('the bundle', () => {
  test('is small, signed, and served with its checksum', async () => {
    const [archive] = served.archives
    const bytes = readFileSync(join(bundles, archive?.file ?? ''))
    expect(bytes.length).toBeLessThan(maxBundleBytes)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(archive?.sha256)
    const key = createPublicKey((await centre.call('GET', '/agent/release-key.pem', undefined, false)).body as string)
    expect(verify(null, bytes, key, Buffer.from(archive?.signature ?? '', 'base64'))).toBe(true)
    bytes[1000] = (bytes[1000] as number) ^ 1
    expect(verify(null, bytes, key, Buffer.from(archive?.signature ?? '', 'base64'))).toBe(false)
    const { body } = await centre.call('GET', `/agent/${archive?.file}.sha256`, undefined, false)
    expect(body).toBe(`${archive?.sha256}  ${archive?.file}\n`)
  })

  test('has the licences of what it contains', async () => {
    const { stdout } = await run('tar', [
      '-xzOf',
      join(bundles, served.archives[0]?.file ?? ''),
      '--wildcards',
      '*/LICENSES.txt',
    ])
    for (const name of ['ioc-agent', 'mqtt', 'pino', 'systeminformation', 'Node.js']) expect(stdout).toContain(name)
  })

  test.each(['/agent/..%2f..%2fpackage.json', '/agent/signing-key.pem', '/agent/lib', '/agent/lib/ioc-agent.mjs'])(
    'the wall serves nothing else: %s',
    async (path) => {
      expect((await centre.call('GET', path, undefined, false)).status).toBeGreaterThanOrEqual(400)
    },
  )

  test.skipIf(!hasProgram(analyzer, 'systemd'))('the systemd unit passes systemd-analyze verify', async () => {
    const folder = testFolder()
    const unit = readFileSync(join(project, 'deploy/agent/service/ioc-agent.service'), 'utf8')
    // An executable that exists, and a user of every machine.
    const filled = unit
      .replaceAll('@DIR@/ioc-agent', '/bin/true')
      .replaceAll('@DIR@', folder)
      .replaceAll('@DATA@', folder)
      .replaceAll('@USER@', 'daemon')
      .replaceAll('@NAME@', 'ioc-agent')
    writeFileSync(join(folder, 'ioc-agent.service'), filled)
    const { status, stdout, stderr } = spawnSync(analyzer, ['verify', join(folder, 'ioc-agent.service')], {
      encoding: 'utf8',
    })
    expect([status, stdout, stderr]).toEqual([0, '', ''])
  })

  test.skipIf(!hasPython('tree_sitter_powershell'))('the line and the script for Windows are valid PowerShell', () => {
    const windows = { file: 'install.ps1', sha256: '0'.repeat(64) }
    const line = installLine(windows, 'https://10.0.0.5:8080', 'ioc1-a-b')
    const text = readFileSync(join(bundles, windows.file), 'utf8')
    for (const valid of [line, text]) expect(errorsOfPowerShell(valid)).toEqual([])
    expect(errorsOfPowerShell(line.slice(0, -1))).not.toEqual([])
  })

  test('install scripts and the SysV script are valid shell', () => {
    for (const file of ['install.sh', 'ioc-agent', 'service/ioc-agent.init']) {
      expect(spawnSync('sh', ['-n', join(project, 'deploy/agent', file)]).status).toBe(0)
    }
  })
})
