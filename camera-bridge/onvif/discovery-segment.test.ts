import { type ChildProcess, execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { hasIpycam, startIpycam, startReady } from '../testing/ipycam.ts'
import type { Discovery } from './discovery.ts'

const prefix = `ioc-seg-${process.pid}`
const testing = join(import.meta.dirname, '../testing')
const devices = ['camera-1', 'camera-2', 'printer'] as const

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'ignore' })
const inside = (name: string) => ['ip', 'netns', 'exec', `${prefix}-${name}`] as const
const addressOf = (name: (typeof devices)[number]) => `10.77.13.${devices.indexOf(name) + 2}`

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** A network segment of its own: a bridge, and a namespace for each device. Undefined where that is not allowed. */
function makeSegment(): boolean {
  const make = (name: string) => {
    ip('netns', 'add', `${prefix}-${name}`)
    onTestFinished(() => void ip('netns', 'del', `${prefix}-${name}`))
  }
  try {
    make('centre')
  } catch (error) {
    if (process.env['IOC_REQUIRE_REAL'] === '1') throw error
    return false
  }
  const centre = ['-n', `${prefix}-centre`]
  ip(...centre, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0', 'forward_delay', '0')
  ip(...centre, 'address', 'add', '10.77.13.1/24', 'dev', 'br0')
  ip(...centre, 'link', 'set', 'br0', 'up')
  for (const [index, name] of devices.entries()) {
    make(name)
    const device = ['-n', `${prefix}-${name}`]
    ip(...device, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', `port${index}`, 'netns', `${prefix}-centre`)
    ip(...centre, 'link', 'set', `port${index}`, 'master', 'br0', 'up')
    ip(...device, 'address', 'add', `${addressOf(name)}/24`, 'dev', 'eth0')
    ip(...device, 'link', 'set', 'lo', 'up')
    ip(...device, 'link', 'set', 'eth0', 'up')
    ip(...device, 'route', 'add', 'default', 'dev', 'eth0')
  }
  return true
}

test.skipIf(!hasIpycam)(
  'two independent cameras and a printer on a segment: the cameras are offered and heard, a thousand random datagrams are not',
  async ({ skip }) => {
    if (!makeSegment()) return skip('network namespaces are not allowed here')
    const [node = '', ...listening] = [...inside('centre'), process.execPath, join(testing, 'listen-here.ts')]
    const announced: string[] = []
    await startReady(node, listening, process.env, (line) => announced.push(line))
    const running: ChildProcess[] = []
    for (const name of ['camera-1', 'camera-2'] as const) {
      running.push(await startIpycam({ port: 8080, address: addressOf(name), name, prefix: inside(name) }))
    }
    await until(() => announced.length === 2)
    expect(announced).toEqual([
      'hello http://10.77.13.2:8080/onvif/device_service 10.77.13.2',
      'hello http://10.77.13.3:8080/onvif/device_service 10.77.13.3',
    ])
    const printer = [...inside('printer'), process.execPath, join(testing, 'noisy-printer.ts')]
    await startReady(printer[0] ?? '', [...printer.slice(1), addressOf('printer'), '1000'])
    const [command, ...args] = [...inside('centre'), process.execPath, join(testing, 'discover-here.ts')]
    const { stdout } = await promisify(execFile)(command, args)
    const { cameras, ignored } = JSON.parse(stdout) as Discovery
    expect(cameras.map(({ onvif, name }) => [onvif, name])).toEqual([
      ['http://10.77.13.2:8080/onvif/device_service', 'camera-1'],
      ['http://10.77.13.3:8080/onvif/device_service', 'camera-2'],
    ])
    // Of the thousand the system drops those that come while its buffer is full.
    expect(ignored).toBeGreaterThan(100)
    running[1]?.kill('SIGTERM')
    await until(() => announced.includes('bye  10.77.13.3'))
    expect(announced).not.toContain('bye  10.77.13.2')
  },
)
